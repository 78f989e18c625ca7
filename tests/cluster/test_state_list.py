"""The committed list of states against the jobs as Flink plans them."""

import pytest

import jobs
from deploy.states.listed import committed
from deploy.states.uids import of_job


@pytest.mark.parametrize("name", jobs.names())
def test_the_committed_list_has_every_operator_that_keeps_state(name: str):
    assert committed()[name] == of_job(name), "run `shopstream states --write`"
