"""Who is in which arm, and what may be concluded."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from udfs.pricing.assignment import Arm, Experiment, assigned
from udfs.pricing.experiments import (
    ALPHA,
    Sample,
    always_valid_p,
    concluded,
    conversion_test,
    revenue_test,
    sample_ratio_p,
)

VISITORS = [f"visitor-{number}" for number in range(100_000)]


def experiment(name: str = "e1", share: float = 0.2, **fields) -> Experiment:
    usual = {"arms": (Arm("control"), Arm("dearer", 5.0)), "starts_at": 100, "ends_at": 200}
    return Experiment(
        event_id=name, event_time=1, experiment_id=name, traffic_share=share, **(usual | fields)
    )


def sample(revenues) -> Sample:
    values = np.asarray(revenues, dtype=float)
    return Sample(len(values), int((values > 0).sum()), values.sum(), (values**2).sum())


@pytest.mark.parametrize("share", [0.1, 0.15, 0.2])
@pytest.mark.parametrize("name", ["e1", "summer-prices", "0"])
def test_the_traffic_share_is_held_within_one_per_cent(name: str, share: float):
    arms = [experiment(name, share).arm_of(visitor) for visitor in VISITORS]
    taking_part = [arm for arm in arms if arm is not None]
    assert len(taking_part) / len(VISITORS) == pytest.approx(share, abs=0.01)
    controls = sum(arm.arm_id == "control" for arm in taking_part)
    assert controls / len(taking_part) == pytest.approx(0.5, abs=0.02)


def test_arms_get_visitors_by_their_weights():
    arms = (Arm("control", weight=2), Arm("a", 1.0), Arm("b", 2.0))
    found = [experiment(arms=arms).arm_of(visitor) for visitor in VISITORS]
    counts = [sum(arm is not None and arm.arm_id == name for arm in found) for name in "ab"]
    whole = sum(arm is not None for arm in found)
    assert [count / whole for count in counts] == pytest.approx([0.25, 0.25], abs=0.01)


def test_an_assignment_is_stable_across_processes_and_versions():
    found = [experiment().arm_of(visitor) for visitor in VISITORS[:20]]
    names = "".join("-" if arm is None else arm.arm_id[0] for arm in found)
    assert names == PINNED


PINNED = "----d-----------d---"


def test_a_growing_share_moves_nobody_to_another_arm():
    small, large = experiment(share=0.1), experiment(share=0.2)
    for visitor in VISITORS[:20_000]:
        arm = small.arm_of(visitor)
        assert arm is None or arm == large.arm_of(visitor)


def test_two_experiments_choose_independently():
    first, second = experiment("e1"), experiment("e2")
    both = sum(first.arm_of(v) is not None and second.arm_of(v) is not None for v in VISITORS)
    assert both / len(VISITORS) == pytest.approx(0.04, abs=0.004)


def test_a_visitor_is_priced_by_one_experiment_only_while_it_runs_and_within_its_scope():
    cups, mug = experiment("a", category="cups", starts_at=120), experiment("b", sku="mug")
    both = next(v for v in VISITORS if cups.arm_of(v) and mug.arm_of(v))

    def name(sku: str, category: str, at: int) -> str | None:
        found = assigned([cups, mug], sku, category, both, at)
        return None if found is None else found[0].experiment_id

    assert name("mug", "cups", 150) == "b", "the one that started first"
    assert name("glass", "cups", 150) == "a"
    assert name("pan", "pans", 150) is None
    assert (name("mug", "cups", 99), name("mug", "cups", 200)) == (None, None)


@pytest.mark.parametrize(
    "fields",
    [
        {"arms": (Arm("control"), Arm("control", 2.0))},
        {"arms": (Arm("a", 1.0), Arm("b", 2.0))},
        {"sku": "mug", "category": "cups"},
    ],
)
def test_an_experiment_that_makes_no_sense_is_refused(fields: dict):
    with pytest.raises(ValueError, match="expected"):
        experiment(**fields)


def test_the_tests_on_sums_are_those_on_the_visitors():
    random = np.random.default_rng(1)
    control = random.exponential(30, 400) * (random.random(400) < 0.3)
    arm = random.exponential(40, 300) * (random.random(300) < 0.4)

    welch = revenue_test(sample(control), sample(arm))
    z = conversion_test(sample(control), sample(arm))

    expected = stats.ttest_ind(arm, control, equal_var=False)
    assert welch == pytest.approx((expected.statistic, expected.pvalue))
    table = [[(x > 0).sum(), (x == 0).sum()] for x in (control, arm)]
    chi_square = stats.chi2_contingency(table, correction=False)
    assert z is not None
    assert (z.statistic**2, z.p) == pytest.approx((chi_square.statistic, chi_square.pvalue))
    assert z.statistic > 0


def test_without_data_or_variation_there_is_no_test():
    nobody, idle = Sample(0, 0, 0, 0), Sample(10, 0, 0, 0)
    assert conversion_test(nobody, idle) is None
    assert conversion_test(idle, idle) is None
    assert revenue_test(idle, idle) is None
    assert sample_ratio_p([0, 0], [1, 1]) is None


def test_a_sample_ratio_that_cannot_be_chance_is_found():
    assert sample_ratio_p([5_000, 5_050], [1, 1]) > 0.5
    assert sample_ratio_p([5_000, 5_500], [1, 1]) < 0.001
    assert sample_ratio_p([10_000, 5_000], [2, 1]) == pytest.approx(1)


@given(st.floats(-40, 40), st.integers(1, 10**9), st.integers(100, 10**9))
def test_an_always_valid_p_is_never_smaller_than_the_ordinary_one(z, visitors, planned):
    p = always_valid_p(z, visitors, planned)
    assert 0 <= p <= 1
    assert p >= 2 * stats.norm.sf(abs(z)) * (1 - 1e-9)


def test_an_always_valid_p_is_the_inverse_of_the_mixture_of_likelihood_ratios():
    z, visitors, planned = 2.7, 4_000, 10_000
    effects = np.linspace(-30, 30, 200_001)  # true z, N(0, r) over it
    prior = stats.norm.pdf(effects, scale=math.sqrt(visitors / planned))
    mixture = np.trapezoid(stats.norm.pdf(z - effects) / stats.norm.pdf(z) * prior, effects)
    assert always_valid_p(z, visitors, planned) == pytest.approx(1 / mixture)


def decisions_of(random: np.random.Generator, lift: float, looks: int = 40) -> tuple[bool, bool]:
    """Whether an experiment that is looked at all the time ends in a call: always-valid, naive."""
    step, samples = 150, [Sample(0, 0, 0.0, 0.0)] * 2
    valid_p, is_naive = 1.0, False
    for _ in range(looks):
        spent = random.lognormal(3, 0.5, (2, step)) * (random.random((2, step)) < 0.3)
        seen = [sample(spent[0]), sample(spent[1] * (1 + lift))]
        samples = [
            Sample(*map(sum, zip(*pair, strict=True))) for pair in zip(samples, seen, strict=True)
        ]
        welch = revenue_test(*samples)
        assert welch is not None
        if all(one.is_enough for one in samples):
            visitors = samples[0].visitors + samples[1].visitors
            valid_p = min(valid_p, always_valid_p(welch.statistic, visitors, 4_000))
            is_naive = is_naive or welch.p < ALPHA
        if concluded(samples, [1.0, valid_p], 1.0, False)[0] in ("WINNER", "KEEP_CONTROL"):
            return True, is_naive
    return False, is_naive


def test_looking_all_the_time_at_equal_arms_rarely_concludes_and_a_real_lift_is_found():
    random = np.random.default_rng(7)
    equal = [decisions_of(random, 0.0) for _ in range(150)]
    wrong, naively_wrong = (sum(column) / len(equal) for column in zip(*equal, strict=True))
    assert wrong <= ALPHA
    assert naively_wrong > 3 * ALPHA, "or this test would show nothing"

    lifted = [decisions_of(random, 0.3)[0] for _ in range(30)]
    assert sum(lifted) / len(lifted) > 0.9


ENOUGH = Sample(1_000, 100, 10_000.0, 1e6)
BETTER = ENOUGH._replace(revenue=12_000.0)
WORSE = ENOUGH._replace(revenue=8_000.0)


@pytest.mark.parametrize(
    ("samples", "ps", "ratio", "has_ended", "expected"),
    [
        ([ENOUGH, BETTER], [1, 0.04], 1, False, ("WINNER", 1)),
        ([ENOUGH, BETTER], [1, 0.06], 1, False, ("COLLECTING", None)),
        ([ENOUGH, BETTER], [1, 0.06], 1, True, ("NO_DIFFERENCE", None)),
        ([ENOUGH, WORSE], [1, 0.04], 1, False, ("KEEP_CONTROL", 0)),
        ([ENOUGH, BETTER], [1, 0.04], 0.0009, False, ("SAMPLE_RATIO_MISMATCH", None)),
        ([ENOUGH, BETTER._replace(converted=24)], [1, 0.01], 1, False, ("COLLECTING", None)),
        ([ENOUGH._replace(visitors=99), BETTER], [1, 0.01], 1, False, ("COLLECTING", None)),
        ([ENOUGH, BETTER, WORSE], [1, 0.03, 1], 1, False, ("COLLECTING", None)),
        ([ENOUGH, BETTER, WORSE], [1, 0.02, 1], 1, False, ("WINNER", 1)),
        ([ENOUGH, WORSE, WORSE], [1, 0.02, 1], 1, False, ("COLLECTING", None)),
        ([ENOUGH, WORSE, WORSE], [1, 0.02, 0.02], 1, False, ("KEEP_CONTROL", 0)),
    ],
)
def test_a_decision_is_made_only_when_the_data_allow_it(samples, ps, ratio, has_ended, expected):
    assert concluded(samples, ps, ratio, has_ended) == expected
