"""What a job sets for itself, over what holds for all."""

import jobs
from connectors.settings import Settings, settings

BY_ITSELF = ("clickstream", "pricing", "engagement")


def test_a_job_has_its_own_parallelism_and_else_that_of_all():
    tuned = Settings(parallelism=4, jobs={"pricing": {"parallelism": 3}})
    assert tuned.of_job("pricing").parallelism == 3
    assert tuned.of_job("orders").parallelism == 4


def test_the_local_cluster_has_a_slot_for_every_part_of_every_job():
    local = settings()
    needed = sum(local.of_job(name).parallelism for name in jobs.names())
    assert needed <= local.taskmanagers * local.taskmanager_slots
    assert {local.of_job(name).parallelism for name in BY_ITSELF} == {1}
