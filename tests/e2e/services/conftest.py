"""What needs topics and schemas and no job: one stack for all of it."""

from collections.abc import Iterator

import pytest

from deploy.stack.temporary import LocalStack, local_stack


@pytest.fixture(scope="package")
def stack() -> Iterator[LocalStack]:
    """A running stack; its users tell their own records from those of other modules."""
    with local_stack(taskmanagers=1, taskmanager_slots=1) as running:
        running.up()
        yield running
