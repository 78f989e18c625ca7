import pytest
from support.price_desk import Desk


@pytest.fixture
def desk() -> Desk:
    return Desk()
