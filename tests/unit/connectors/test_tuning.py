"""What a job sets for itself, over what holds for all."""

import pytest

import jobs
from connectors.settings import Settings, settings
from jobs.runtime.environment import job_options

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


def test_a_job_has_flinks_options_of_all_and_its_own_over_them():
    tuned = Settings(
        flink={"a": "of all", "b": "of all"}, jobs={"orders": {"flink": {"b": "own", "c": "own"}}}
    )
    assert tuned.of_job("orders").flink == {"a": "of all", "b": "own", "c": "own"}
    assert tuned.of_job("pricing").flink == {"a": "of all", "b": "of all"}
    options = job_options(tuned.of_job("orders"))
    assert [options[name] for name in "abc"] == ["of all", "own", "own"]


def test_options_of_a_submission_are_added_to_a_jobs_own_and_to_nothing_else(
    monkeypatch: pytest.MonkeyPatch,
):
    tuned = Settings(jobs={"orders": {"batch_ms": 7, "flink": {"own": "1"}}})
    for name, value in tuned.with_flink({"orders": {"more": "2"}, "cdc": {"more": "3"}}).items():
        monkeypatch.setenv(name, value)
    seen = Settings().jobs
    orders = tuned.jobs["orders"].model_copy(update={"flink": {"own": "1", "more": "2"}})
    assert seen == tuned.jobs | {"orders": orders, "cdc": seen["cdc"]}
    assert seen["cdc"] == tuned.jobs["cdc"].model_copy(update={"flink": {"more": "3"}})
