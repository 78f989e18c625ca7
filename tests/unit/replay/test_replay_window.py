"""Which topics are the job's own, and which dead letters."""

import pytest

from deploy.replay.outputs import Window


def dead_letter(**fields: str) -> dict[str, str]:
    return {"event_id": "e", "job": "fraud", "source_topic": "orders.initiated"} | fields


@pytest.mark.parametrize(
    ("job", "topic", "others"),
    [
        ("orders", "orders.lifecycle", 0),
        ("orders", "inventory.events", 1),
        ("orders", "notifications.requests", 1),
        ("engagement", "notifications.requests", 1),
        ("inventory", "inventory.reservations", 0),
        ("fraud", "dlq", 0),
    ],
)
def test_what_is_missing_in_a_topic_of_several_writers_may_be_theirs(
    job: str, topic: str, others: int
):
    record = {"event_id": "e", "sku": "mug"}
    diff = Window(job, 0, 9, ()).compare(topic, [record], [])
    assert (diff.others, len(diff.missing)) == (others, 1 - others)


def test_a_dead_letter_of_another_job_or_of_a_reference_topic_is_not_compared():
    window = Window("fraud", 0, 9, ("fraud.rules",))
    assert window._is_own("dlq", dead_letter())
    assert window._is_own("dlq", dead_letter(job="fraud-performance"))
    assert not window._is_own("dlq", dead_letter(job="orders"))
    assert not window._is_own("dlq", dead_letter(source_topic="fraud.rules"))
