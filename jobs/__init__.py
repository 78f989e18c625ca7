"""The jobs: one module each, wiring only. `runtime` holds what they share."""

import pkgutil


def names() -> list[str]:
    """The jobs that can be submitted."""
    return sorted(module.name for module in pkgutil.iter_modules(__path__) if not module.ispkg)
