"""Everything is killed once while the shop is open. Takes from 5 to 12 minutes, or more."""

import pytest

from deploy.chaos.run import Plan, run

# Fewer events, and a limit that is longer than the command's: that one is a promise for a machine
# that can carry a shop; here a slow one must not look like a loss.
PLAN = Plan(minutes=3, seed=1, events=30_000, limit_s=400.0)


@pytest.mark.timeout(1500)
def test_nothing_is_lost_or_doubled_while_everything_dies_once() -> None:
    findings = run(print, PLAN)

    assert findings.ok, "\n".join(map(str, findings.verdicts))
