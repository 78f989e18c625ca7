"""The harness's half of the conformance: tests/cluster has the other, on a real Flink."""

import pytest
from flinkharness import Mode
from harness.conformance.case import Case, run_on_harness
from harness.conformance.cases import CASES


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_case_comes_out_of_the_harness_as_expected(case: Case) -> None:
    assert run_on_harness(case, Mode.THREAD) == case.outcomes()


@pytest.mark.parametrize(
    "case", [c for c in CASES if not c.not_in_process_mode], ids=lambda case: case.name
)
def test_a_case_comes_out_the_same_with_the_limits_of_process_mode(case: Case) -> None:
    assert run_on_harness(case, Mode.PROCESS) == case.outcomes()
