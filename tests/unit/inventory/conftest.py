import pytest
from support.stockroom import Shop


@pytest.fixture
def shop() -> Shop:
    return Shop()
