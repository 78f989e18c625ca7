import pytest
from stockroom import Shop


@pytest.fixture
def shop() -> Shop:
    return Shop()
