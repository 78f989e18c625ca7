"""The rule of an experiment: adds up what its visitors did, and tells how it stands.

Sums only, so what is remembered does not grow with the visitors. It is told every 10 seconds in
which something came, and once more when the experiment has ended.
"""

from typing import Any, Final

from udfs.contract import Outcome, View, WakeUp
from udfs.pricing.assignment import Experiment
from udfs.pricing.events import EXPERIMENTS, RESULTS, ExperimentSignal
from udfs.pricing.experiments import (
    Sample,
    Tested,
    alpha_of,
    always_valid_p,
    concluded,
    conversion_test,
    revenue_test,
    sample_ratio_p,
)
from udfs.pricing.state import ArmSums, Experimented

EVERY_MS: Final = 10_000
SETTLING_MS: Final = 60_000
"""How long after the end of an experiment its last result is told: signals are on their way."""


def decide(state: Experimented | None, event: ExperimentSignal | WakeUp, view: View) -> Outcome:
    """Count a signal, or tell how the experiment stands."""
    if state is None:
        state = Experimented()
    if isinstance(event, ExperimentSignal):
        _count(state, event)
        if state.wake_at is None or state.wake_at > event.event_time + EVERY_MS:
            state.wake_at = (event.event_time // EVERY_MS + 1) * EVERY_MS
        return Outcome(state, [], state.wake_at)
    experiment: Experiment | None = view.reference(EXPERIMENTS).get(view.entity)
    if experiment is None:  # withdrawn: what was counted is kept, in case it comes back
        state.wake_at = None
        return Outcome(state, [])
    final_at = experiment.ends_at + SETTLING_MS
    has_ended = event.event_time >= final_at
    state.wake_at = None if has_ended else final_at
    return Outcome(state, [(RESULTS, _result(state, experiment, has_ended))], state.wake_at)


def _count(state: Experimented, signal: ExperimentSignal) -> None:
    sums = state.arms.setdefault(signal.arm_id, ArmSums())
    if signal.signal == "EXPOSED":
        sums.visitors += 1
        return
    before, after = signal.revenue_before_minor, signal.revenue_before_minor + signal.revenue_minor
    sums.converted += signal.is_first
    sums.revenue_minor += signal.revenue_minor
    sums.revenue_squares += float(after) * after - float(before) * before


def _result(state: Experimented, experiment: Experiment, has_ended: bool) -> dict[str, Any]:
    arms = experiment.arms
    sums = [state.arms.setdefault(arm.arm_id, ArmSums()) for arm in arms]
    samples = [
        Sample(one.visitors, one.converted, one.revenue_minor, one.revenue_squares) for one in sums
    ]
    records = [_arm_record(arms[0].arm_id, samples[0], sums[0], None, None)]
    for arm, sample, one in zip(arms[1:], samples[1:], sums[1:], strict=True):
        conversion, revenue = conversion_test(samples[0], sample), revenue_test(samples[0], sample)
        if samples[0].is_enough and sample.is_enough:
            visitors, planned = samples[0].visitors + sample.visitors, experiment.planned_visitors
            if conversion is not None:
                p = always_valid_p(conversion.statistic, visitors, planned)
                one.conversion_p = min(one.conversion_p, p)
            if revenue is not None:
                p = always_valid_p(revenue.statistic, visitors, planned)
                one.revenue_p = min(one.revenue_p, p)
        records.append(_arm_record(arm.arm_id, sample, one, conversion, revenue))
    ratio = sample_ratio_p([one.visitors for one in samples], [arm.weight for arm in arms])
    decision, index = concluded(samples, [one.revenue_p for one in sums], ratio, has_ended)
    winner = None if index is None else arms[index].arm_id
    if decision in ("WINNER", "KEEP_CONTROL") and state.decision is None:
        state.decision, state.winner = decision, winner
    if state.decision is not None and decision != "SAMPLE_RATIO_MISMATCH":
        decision, winner = state.decision, state.winner  # type: ignore[assignment]
    return {
        "experiment_id": experiment.experiment_id,
        "arms": records,
        "sample_ratio_p": ratio,
        "decision": decision,
        "winner": winner,
        "is_final": has_ended,
        "alpha": alpha_of(len(arms)),
    }


def _arm_record(
    arm_id: str,
    sample: Sample,
    sums: ArmSums,
    conversion: Tested | None,
    revenue: Tested | None,
) -> dict[str, Any]:
    """The control is compared with nothing, so its p-values are null."""
    return {
        "arm_id": arm_id,
        "visitors": sample.visitors,
        "converted": sample.converted,
        "conversion": sample.conversion,
        "revenue_minor": sums.revenue_minor,
        "revenue_per_visitor": sample.revenue_per_visitor,
        "conversion_p": None if conversion is None else conversion.p,
        "revenue_p": None if revenue is None else revenue.p,
        "conversion_always_valid_p": None if conversion is None else sums.conversion_p,
        "revenue_always_valid_p": None if revenue is None else sums.revenue_p,
    }
