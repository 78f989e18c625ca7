import pytest
from mailroom import Mailroom


@pytest.fixture
def shop() -> Mailroom:
    """A shop with the default policies: quiet from 21:00 to 08:00 UTC, three messages a week."""
    return Mailroom()
