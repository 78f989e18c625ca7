"""Which faults happen, in which order: drawn by a seed, so that a run can be told to another."""

from collections import deque
from enum import StrEnum
from random import Random
from typing import NamedTuple

PAUSE_S = (4.0, 12.0)


class Target(StrEnum):
    """What a fault hits."""

    TASKMANAGER = "taskmanager"
    JOBMANAGER = "jobmanager"
    BROKER = "kafka"
    REGISTRY = "registry"
    POSTGRES = "postgres"
    JOB = "job"


class Deed(StrEnum):
    """What is done to it."""

    KILL = "killed (SIGKILL)"
    PAUSE = "stopped (SIGSTOP, SIGCONT)"
    RESUME = "stopped with a savepoint and resumed"
    RESCALE_UP = "rescaled from 1 to 2"
    RESCALE_DOWN = "rescaled from 2 to 1"


class Fault(NamedTuple):
    """seconds: for how long it lasts, of a pause. draw: 0 to 1, decides among equals."""

    target: Target
    deed: Deed
    seconds: float = 0.0
    draw: float = 0.0

    def __str__(self) -> str:
        lasting = f" for {self.seconds:.0f} s" if self.deed is Deed.PAUSE else ""
        return f"{self.target} {self.deed}{lasting}"


def schedule(seed: int, count: int, outage_s: float) -> list[Fault]:
    """`count` faults (at least 6): every target, a sixth of them the JobManager's death.

    Six faults have one of each target and a job rescaled up and down. From twenty on, broker and
    Postgres are once away for `outage_s` seconds, the JobManager is stopped for a while, and a job
    is stopped and resumed as it was.
    """
    if count < 6:
        raise ValueError(f"expected at least 6 faults, one of each kind; came {count}")
    random = Random(seed)
    rescalings, long_ones = max(1, count // 10), count // 20
    faults = [Fault(Target.JOBMANAGER, Deed.KILL)] * (count // 6)
    faults += [Fault(Target.BROKER, Deed.PAUSE, outage_s)] * long_ones
    faults += [Fault(Target.POSTGRES, Deed.PAUSE, outage_s)] * long_ones
    faults += [_paused(random, Target.JOBMANAGER) for _ in range(long_ones)]
    faults += [Fault(Target.JOB, Deed.RESUME)] * long_ones
    faults += [Fault(Target.JOB, Deed.RESCALE_UP)] * (2 * rescalings)
    rest = [Target.TASKMANAGER, Target.BROKER, Target.REGISTRY]
    random.shuffle(rest)
    for number in range(count - len(faults)):
        # of any three in a row one is a pause, and which one moves on from row to row
        is_pause = number % 3 == number // 3 % 3
        faults.append(_paused(random, rest[number % 3]) if is_pause else _killed(rest[number % 3]))
    random.shuffle(faults)
    return [fault._replace(draw=random.random()) for fault in _alternating(faults)]


def _paused(random: Random, target: Target) -> Fault:
    return Fault(target, Deed.PAUSE, random.uniform(*PAUSE_S))


def _killed(target: Target) -> Fault:
    return Fault(target, Deed.KILL)


def _alternating(faults: list[Fault]) -> list[Fault]:
    """Every second rescaling goes down: a job can only go back to where it was."""
    ways = deque((Deed.RESCALE_UP, Deed.RESCALE_DOWN))
    ordered = []
    for fault in faults:
        if fault.deed is Deed.RESCALE_UP:
            fault = fault._replace(deed=ways[0])
            ways.rotate()
        ordered.append(fault)
    return ordered
