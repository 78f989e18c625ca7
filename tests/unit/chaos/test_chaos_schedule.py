"""Which faults a seed draws."""

from collections import Counter

import pytest

from deploy.chaos.schedule import Deed, Fault, Target, schedule

SEEDS = range(50)


def rescalings(faults: list[Fault]) -> list[Deed]:
    return [f.deed for f in faults if f.deed in (Deed.RESCALE_UP, Deed.RESCALE_DOWN)]


@pytest.mark.parametrize("seed", SEEDS)
def test_six_faults_hit_everything_and_rescale_a_job_up_and_down(seed: int) -> None:
    faults = schedule(seed, 6, outage_s=120)

    assert Counter(fault.target for fault in faults) == {
        Target.TASKMANAGER: 1,
        Target.JOBMANAGER: 1,
        Target.BROKER: 1,
        Target.REGISTRY: 1,
        Target.JOB: 2,
    }
    assert rescalings(faults) == [Deed.RESCALE_UP, Deed.RESCALE_DOWN]
    assert {Deed.KILL, Deed.PAUSE} <= {fault.deed for fault in faults}


@pytest.mark.parametrize("seed", SEEDS)
def test_twenty_faults_kill_the_jobmanager_three_times_and_take_broker_and_postgres_away(
    seed: int,
) -> None:
    faults = schedule(seed, 20, outage_s=120)

    assert len(faults) == 20
    deaths = [f for f in faults if f.target is Target.JOBMANAGER and f.deed is Deed.KILL]
    assert len(deaths) == 3
    assert {f.target for f in faults if f.seconds == 120} == {Target.BROKER, Target.POSTGRES}
    for target in (Target.TASKMANAGER, Target.BROKER, Target.REGISTRY):
        deeds = {f.deed for f in faults if f.target is target and f.seconds < 120}
        assert deeds == {Deed.KILL, Deed.PAUSE}
    assert rescalings(faults) == [Deed.RESCALE_UP, Deed.RESCALE_DOWN] * 2
    assert Deed.RESUME in {fault.deed for fault in faults}


def test_the_same_seed_is_the_same_chaos_and_another_another() -> None:
    assert schedule(7, 20, 120) == schedule(7, 20, 120)
    assert len({tuple(schedule(seed, 20, 120)) for seed in SEEDS}) == len(SEEDS)


def test_too_few_faults_are_refused() -> None:
    with pytest.raises(ValueError, match="at least 6"):
        schedule(1, 5, outage_s=120)
