"""Fixtures that several layers share."""

from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest

from deploy.stack.temporary import LocalStack, local_stack

WITHOUT_JVM = [Path(__file__).parent / layer for layer in ("unit", "harness")]

# The same examples at every run, however slow the machine is: a red one is about what changed. New
# ones: `make explore`.
hypothesis.settings.register_profile("repeatable", derandomize=True, deadline=None)
hypothesis.settings.load_profile("repeatable")
# as many examples as `make fuzz` asks for
hypothesis.settings.register_profile("fuzz", max_examples=5_500, deadline=None)


@pytest.fixture(autouse=True)
def no_jvm_in_fast_layers(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Refuse PyFlink a JVM in the fast layers: without our jars, it would be every later test's."""
    if any(layer in request.path.parents for layer in WITHOUT_JVM):
        monkeypatch.setenv("PYFLINK_GATEWAY_DISABLED", "1")


@pytest.fixture(scope="module")
def stack(request: pytest.FixtureRequest) -> Iterator[LocalStack]:
    """A running stack for the tests of a module, on ports and in a folder of its own; with settings
    of the module's own if it has a `STACK`.

    One at a time: two of them would want more than a small machine has. While it runs,
    `settings()` describes it, so tests use the project's own clients.
    """
    with local_stack(**getattr(request.module, "STACK", {})) as running:
        running.up()
        yield running
