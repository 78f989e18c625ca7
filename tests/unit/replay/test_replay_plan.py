"""What a replay is told survives the way to the cluster, and names nothing of the real job."""

from pathlib import Path

import pytest

from connectors.errors import ShopstreamError
from connectors.reading import RawRecord
from jobs.replay.plan import Effective, Plan, Woken, domains_of
from udfs.fraud.domain import FRAUD

RULE = Effective(5, RawRecord("fraud.rules", 0, 3, 5, b"velocity", None))
PLAN = Plan("fraud", "1a2b", 10, 20, [RULE], {"fraud": Woken(["wake-up/3:ann@5"], 7)}, False)


def test_a_plan_is_read_as_it_was_written(tmp_path: Path):
    PLAN.write(tmp_path / "new" / "plan")
    assert Plan.read(tmp_path / "new" / "plan") == PLAN


def test_its_topics_and_group_are_the_runs_own():
    names = [PLAN.shadow("fraud.decisions"), PLAN.inputs(FRAUD)]
    assert names == ["shadow.1a2b.fraud.decisions", "shadow.1a2b.read-by.fraud"]
    assert "1a2b" in PLAN.group(FRAUD)


def test_a_job_of_rules_has_its_domains():
    assert [domain.name for domain in domains_of("fraud")] == ["fraud", "fraud-performance"]


@pytest.mark.parametrize("job", ["clickstream", "nothing"])
def test_any_other_job_is_refused_with_those_that_there_are(job: str):
    with pytest.raises(ShopstreamError, match="engagement, fraud, inventory, orders, pricing"):
        domains_of(job)
