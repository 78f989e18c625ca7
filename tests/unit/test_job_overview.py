"""What Flink's REST API tells of whether a job goes on."""

from typing import Any

import pytest

from deploy.overview import JobOverview

SINCE = 1_000


class Flink(JobOverview):
    """Answers as Flink would of one job."""

    def __init__(self, state: str, running: int, checkpoint_began: int | None) -> None:
        completed = checkpoint_began and {"trigger_timestamp": checkpoint_began}
        tasks = {"running": running, "total": 8}
        job = {"name": "orders", "jid": "j1", "state": state, "tasks": tasks}
        self._answers: dict[str, Any] = {
            "/jobs/overview": {"jobs": [{**job, "state": "CANCELED", "jid": "j0"}, job]},
            "/jobs/j1/checkpoints": {"latest": {"completed": completed}},
        }

    def get(self, path: str) -> Any:
        return self._answers[path]


@pytest.mark.parametrize(
    ("flink", "said"),
    [
        (Flink("RUNNING", 8, SINCE + 1), ""),
        (Flink("RUNNING", 8, SINCE), "orders has no new checkpoint"),
        (Flink("RUNNING", 8, None), "orders has no new checkpoint"),
        (Flink("RUNNING", 7, SINCE + 1), "orders runs 7 of 8 tasks"),
        (Flink("RESTARTING", 8, SINCE + 1), "orders does not run"),
    ],
)
def test_a_job_goes_on_when_it_has_completed_a_checkpoint_since(flink: Flink, said: str) -> None:
    assert flink.behind("orders", SINCE) == said


def test_a_job_that_is_not_there_does_not_run() -> None:
    assert Flink("RUNNING", 8, SINCE + 1).behind("fraud", SINCE) == "fraud does not run"
