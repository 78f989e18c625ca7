"""Fixtures that several layers share."""

from collections.abc import Iterator

import pytest

from deploy.stack.temporary import LocalStack, local_stack


@pytest.fixture(scope="session")
def stack() -> Iterator[LocalStack]:
    """A running stack for the whole session, on ports and in a folder of its own.

    While it runs, `settings()` describes it, so tests use the project's own clients.
    """
    with local_stack() as running:
        running.up()
        yield running
