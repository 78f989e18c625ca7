"""One shop for the modules that judge what it left in the log and in the tables."""

from collections.abc import Iterator

import pytest

from closed_shop.shop import Shop, closed_shop


@pytest.fixture(scope="package")
def shop() -> Iterator[Shop]:
    with closed_shop() as closed:
        yield closed
