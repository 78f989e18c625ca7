"""What may be concluded from a price experiment: pure statistics on sums.

A result is looked at every few seconds, and whoever stops at the first p < 0.05 of an ordinary
test is wrong far more often than one time in twenty. So decisions go by always-valid p-values,
which bound the error over all looks together: the mixture sequential probability ratio test.
With a normal mixture over the true difference, of variance V n / m for V the variance of the
estimated difference after n visitors and m the visitors planned,

    Lambda = sqrt(1 / (1 + r)) exp(z^2 r / (2 (1 + r))),  r = n / m,  p = min over looks 1 / Lambda

where z is the statistic of the ordinary test. It is sharpest around n = m, and valid at any n.
Sources: Robbins (1970), Ann. Math. Statist. 41(5); Johari, Koomen, Pekelis, Walsh (2022), "Always
Valid Inference: Continuous Monitoring of A/B Tests", Operations Research 70(3); for variances that
are estimated, Waudby-Smith et al. (2021), arXiv:2103.06476. Like the ordinary tests it rests on the
normal limit, so nothing counts before each arm has `MIN_VISITORS` and `MIN_CONVERTED`.
"""

from collections.abc import Sequence
from math import exp, sqrt
from typing import Final, Literal, NamedTuple

from scipy import stats

ALPHA: Final = 0.05
"""Chance to call any arm different that is not, over all looks and arms of an experiment."""

SAMPLE_RATIO_ALPHA: Final = 0.001
MIN_VISITORS: Final = 100
MIN_CONVERTED: Final = 25

Decision = Literal["COLLECTING", "WINNER", "KEEP_CONTROL", "NO_DIFFERENCE", "SAMPLE_RATIO_MISMATCH"]


class Sample(NamedTuple):
    """An arm in sums. revenue: of all visitors; revenue_squares: of each one's, squared."""

    visitors: int
    converted: int
    revenue: float
    revenue_squares: float

    @property
    def conversion(self) -> float:
        """Part of the visitors that bought; 0 without any."""
        return self.converted / self.visitors if self.visitors else 0.0

    @property
    def revenue_per_visitor(self) -> float:
        """Mean revenue; 0 without visitors."""
        return self.revenue / self.visitors if self.visitors else 0.0

    @property
    def revenue_deviation(self) -> float:
        """Standard deviation of the visitors' revenue (n - 1); 0 for fewer than two."""
        if self.visitors < 2:
            return 0.0
        squares = self.revenue_squares - self.revenue * self.revenue / self.visitors
        return sqrt(max(0.0, squares) / (self.visitors - 1))

    @property
    def is_enough(self) -> bool:
        """Whether the normal limit may be relied on."""
        return self.visitors >= MIN_VISITORS and self.converted >= MIN_CONVERTED


class Tested(NamedTuple):
    """A statistic, above 0 if the arm is better than the control, and its two-sided p."""

    statistic: float
    p: float


def conversion_test(control: Sample, arm: Sample) -> Tested | None:
    """The pooled two-proportion z-test; None where nobody bought or everybody did."""
    visitors = control.visitors + arm.visitors
    if not (control.visitors and arm.visitors):
        return None
    pooled = (control.converted + arm.converted) / visitors
    variance = pooled * (1 - pooled) * (1 / control.visitors + 1 / arm.visitors)
    if variance <= 0:
        return None
    z = (arm.conversion - control.conversion) / sqrt(variance)
    return Tested(z, float(2 * stats.norm.sf(abs(z))))


def revenue_test(control: Sample, arm: Sample) -> Tested | None:
    """Welch's t-test of revenue per visitor; None where it does not vary."""
    if control.visitors < 2 or arm.visitors < 2:
        return None
    if control.revenue_deviation == 0 and arm.revenue_deviation == 0:
        return None
    t, p = stats.ttest_ind_from_stats(
        arm.revenue_per_visitor,
        arm.revenue_deviation,
        arm.visitors,
        control.revenue_per_visitor,
        control.revenue_deviation,
        control.visitors,
        equal_var=False,
    )
    return Tested(float(t), float(p))


def sample_ratio_p(visitors: Sequence[int], weights: Sequence[int]) -> float | None:
    """Chi-square test that visitors fell to the arms by their weights; None without visitors."""
    whole, parts = sum(visitors), sum(weights)
    if not whole:
        return None
    expected = [whole * weight / parts for weight in weights]
    return float(stats.chisquare(visitors, expected).pvalue)


def always_valid_p(statistic: float, visitors: int, planned_visitors: int) -> float:
    """1 / Lambda of one look, at most 1; the lowest over all looks so far is the p to go by.

    visitors: of both arms together; likewise planned_visitors.
    """
    ratio = visitors / planned_visitors
    return min(1.0, sqrt(1 + ratio) * exp(-(statistic**2) * ratio / (2 * (1 + ratio))))


def alpha_of(arms: int) -> float:
    """`ALPHA` shared by the comparisons of `arms` arms (>= 2) with the control (Bonferroni)."""
    return ALPHA / (arms - 1)


def concluded(
    samples: Sequence[Sample],
    revenue_ps: Sequence[float],
    sample_ratio: float | None,
    has_ended: bool,
) -> tuple[Decision, int | None]:
    """The decision, and the index of the arm to take; the control is the first of `samples`.

    revenue_ps: for each arm the lowest always-valid p of its revenue so far. An arm wins that is
    different and better, the best of several; the control is kept when every arm is worse.
    """
    if sample_ratio is not None and sample_ratio < SAMPLE_RATIO_ALPHA:
        return "SAMPLE_RATIO_MISMATCH", None
    means = [sample.revenue_per_visitor for sample in samples]
    different = {
        index
        for index in range(1, len(samples))
        if revenue_ps[index] <= alpha_of(len(samples))
        and samples[0].is_enough
        and samples[index].is_enough
    }
    better = [index for index in different if means[index] > means[0]]
    if better:
        return "WINNER", max(better, key=lambda index: (means[index], -index))
    if len(different) == len(samples) - 1:
        return "KEEP_CONTROL", 0
    return ("NO_DIFFERENCE" if has_ended else "COLLECTING"), None
