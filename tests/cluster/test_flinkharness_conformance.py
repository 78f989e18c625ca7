"""The cluster's half of the conformance: the harness's cases on a real Flink, in both modes."""

from collections.abc import Callable
from functools import cache

import pytest
from harness.conformance.case import Case
from harness.conformance.cases import CASES
from harness.conformance.pipelines import OPTIONS, Outcomes, run
from pyflink.datastream import StreamExecutionEnvironment

LocalFlink = Callable[..., StreamExecutionEnvironment]
RunCases = Callable[[str, bool], Outcomes]
IN_PROCESS_MODE = [case for case in CASES if not case.not_in_process_mode]


@pytest.fixture(scope="module")
def outcomes(local_flink: LocalFlink) -> RunCases:
    """What came out of all cases of a mode: one job for those that end, one for those that do not.

    Fused functions skip the JVM, so thread mode, which can afford it, runs every function apart.
    """

    @cache
    def of(mode: str, bounded: bool) -> Outcomes:
        cases = CASES if mode == "thread" else IN_PROCESS_MODE
        fused = {"python.operator-chaining.enabled": str(mode == "process").lower()}
        environment = local_flink(mode, **OPTIONS, **fused)
        return run(environment, [case for case in cases if case.bounded is bounded])

    return of


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_case_comes_out_of_thread_mode_as_expected(case: Case, outcomes: RunCases) -> None:
    assert outcomes_of(case, outcomes("thread", case.bounded)) == case.outcomes()


@pytest.mark.parametrize("case", IN_PROCESS_MODE, ids=lambda case: case.name)
def test_a_case_comes_out_of_process_mode_as_expected(case: Case, outcomes: RunCases) -> None:
    assert outcomes_of(case, outcomes("process", case.bounded)) == case.outcomes()


def outcomes_of(case: Case, outcomes: Outcomes) -> list[tuple[str, list[str]]]:
    """The part of a job's outcomes that is one case's, as `case.outcomes()` has it."""
    channels = ["", *case.side]
    return [case.outcome(channel, outcomes[f"{case.name}|{channel}"]) for channel in channels]
