"""The rule of a visitor: who was exposed to which experiment, and what they bought under it.

A visitor is exposed by the first view of a sku that an experiment prices for them, and only what
they buy after that, of its skus and while it runs, counts for it. That is remembered by visitor
until the experiment is over; of a visitor in no experiment nothing is.
"""

from collections.abc import Mapping
from typing import Any, Final

from udfs.contract import Outcome, View, WakeUp
from udfs.pricing.assignment import Arm, Experiment, assigned
from udfs.pricing.events import EXPERIMENTS, POLICIES, SIGNALS, Click
from udfs.pricing.policy import PricePolicy
from udfs.pricing.state import Exposure, Visitor

KEPT_MS: Final = 3_600_000
"""How long after an experiment's end a late purchase of its time still counts."""


def decide(visitor: Visitor | None, event: Click | WakeUp, view: View) -> Outcome:
    """Apply one click, or wake-up, to its visitor."""
    if visitor is None:
        visitor = Visitor()
    if isinstance(event, WakeUp):
        return _kept(_forget(visitor, event, view.reference(EXPERIMENTS)), [])
    if event.sku is None or event.event_type not in ("PAGE_VIEW", "PURCHASE"):
        return _kept(visitor, [])
    found = _assigned(event, event.sku, view)
    if found is None:
        return _kept(visitor, [])
    experiment, arm = found
    exposure = visitor.exposures.get(experiment.experiment_id)
    signal: dict[str, Any] = {
        "experiment_id": experiment.experiment_id,
        "arm_id": arm.arm_id,
        "visitor_id": view.entity,
    }
    if event.event_type == "PAGE_VIEW":
        if exposure is not None:
            return _kept(visitor, [])
        until = experiment.ends_at + KEPT_MS
        visitor.exposures[experiment.experiment_id] = Exposure(arm.arm_id, until)
        return _kept(visitor, [signal | {"signal": "EXPOSED"}])
    if exposure is None:
        return _kept(visitor, [])
    revenue = (event.price_minor or 0) * (event.quantity if event.quantity is not None else 1)
    signal |= {
        "signal": "PURCHASED",
        "arm_id": exposure.arm_id,
        "revenue_minor": revenue,
        "revenue_before_minor": exposure.revenue_minor,
        "is_first": exposure.purchases == 0,
    }
    exposure.purchases += 1
    exposure.revenue_minor += revenue
    return _kept(visitor, [signal])


def _assigned(click: Click, sku: str, view: View) -> tuple[Experiment, Arm] | None:
    """As `quote` assigns: the category is the policy's; the click's for a sku without one."""
    policies: Mapping[str, PricePolicy] = view.reference(POLICIES)
    policy = policies.get(sku)
    category = click.category if policy is None else policy.category
    experiments = view.reference(EXPERIMENTS).values()
    return assigned(experiments, sku, category, view.entity, click.event_time)


def _forget(visitor: Visitor, wake_up: WakeUp, experiments: Mapping[str, Experiment]) -> Visitor:
    """Forget what is over; an experiment may have been prolonged meanwhile."""
    kept = {}
    for name, exposure in visitor.exposures.items():
        experiment = experiments.get(name)
        if experiment is not None:
            exposure.until = experiment.ends_at + KEPT_MS
        if exposure.until > wake_up.event_time:
            kept[name] = exposure
    return Visitor(kept)


def _kept(visitor: Visitor, signals: list[dict[str, Any]]) -> Outcome:
    outputs = [(SIGNALS, signal) for signal in signals]
    if not visitor.exposures:
        return Outcome(None, outputs)
    wake_at = min(exposure.until for exposure in visitor.exposures.values())
    return Outcome(visitor, outputs, wake_at)
