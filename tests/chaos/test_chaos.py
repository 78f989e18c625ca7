"""Everything is killed once while the shop is open. Takes from 5 to 12 minutes."""

import pytest

from deploy.chaos.run import run

SEED = 1


@pytest.mark.timeout(1200)
def test_nothing_is_lost_or_doubled_while_everything_dies_once() -> None:
    findings = run(print, minutes=3, seed=SEED)

    assert findings.ok, "\n".join(map(str, findings.verdicts))
