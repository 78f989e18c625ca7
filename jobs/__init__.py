"""The jobs: one module each, wiring only. `runtime` holds what they share."""

import pkgutil
from importlib import import_module
from typing import Any


def names() -> list[str]:
    """The jobs that can be submitted."""
    return sorted(module.name for module in pkgutil.iter_modules(__path__) if not module.ispkg)


def domains(name: str) -> list[Any]:
    """The domains of a job of Python rules; none of a job that is all SQL.

    Of this very package: a release has its own, under another name.
    """
    return list(getattr(import_module(f"{__name__}.{name}"), "DOMAINS", ()))
