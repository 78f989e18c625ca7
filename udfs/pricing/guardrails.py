"""What disposes of a proposed price: floor, cost, margin, ceiling, step and cool-down."""

from typing import NamedTuple

from udfs.pricing.policy import Terms


class Disposed(NamedTuple):
    """What became of a proposal.

    price_minor: the price from now on. again_at: when the next step may be made (epoch ms), None
    if there is none to make. limits: which guardrails kept the price from what was proposed.
    """

    price_minor: int
    again_at: int | None
    limits: tuple[str, ...]


def bounded(terms: Terms, proposed: int) -> tuple[int, tuple[str, ...]]:
    """The nearest price to `proposed` that may be asked before promotions, and what limits it."""
    if proposed > terms.ceiling_minor:
        return terms.ceiling_minor, ("CEILING",)
    least = terms.margin_minor
    if proposed >= least:
        return proposed, ()
    if least == terms.floor_minor:
        return least, ("FLOOR",)
    return least, ("COST" if least == terms.cost_minor else "MARGIN",)


def dispose(terms: Terms, current: int, changed_at: int, proposed: int, at: int) -> Disposed:
    """Move the price from `current`, last changed at `changed_at`, towards `proposed` at `at`.

    A price outside of what may be asked (a policy has changed) moves inside at once, whatever step
    and cool-down say. Otherwise it moves by at most `max_step_pct` of itself, rounded down to
    minor units but at least one, and not again for `cooldown_s`.
    """
    inside, _ = bounded(terms, current)
    target, limits = bounded(terms, proposed)
    cool_at = changed_at + terms.cooldown_s * 1000
    if inside != current:
        again_at = at + terms.cooldown_s * 1000 if inside != target else None
        return Disposed(inside, again_at, limits)
    if target == current:
        return Disposed(current, None, limits)
    if at < cool_at:
        return Disposed(current, cool_at, limits)
    step = max(1, int(current * terms.max_step_pct // 100))
    if abs(target - current) <= step:
        return Disposed(target, None, limits)
    stepped = current + step if target > current else current - step
    return Disposed(stepped, at + terms.cooldown_s * 1000, (*limits, "STEP"))
