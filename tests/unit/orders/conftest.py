import pytest
from order_desk import Desk


@pytest.fixture
def desk() -> Desk:
    return Desk()
