"""Whether promotions started and ended when they said they would."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

from deploy.audit.pricing.history import EVERY_SKU, Policies
from deploy.audit.verdict import Check

Record = Any
KNOWN_MS: Final = 10_000
"""How long before its start a promotion must be published for its start to be owed on time."""

REACHED_MS: Final = 10_000
"""How far the log must reach beyond a time for what is due then to be owed."""


def audit_promotions(
    promotions: Collection[Record],
    policies: Policies,
    changes: Mapping[str, Sequence[Record]],
    horizon: int,
    check: Check,
) -> None:
    """Of each promotion that was published once, and in time, start and end at each of its skus.

    One that was published again may have been changed at any moment, so nothing is owed of it.
    horizon: how far the log reaches (epoch ms).
    """
    published = Counter(one["promotion_id"] for one in promotions)
    moments = 0
    for promotion in promotions:
        name, starts_at, ends_at = (
            promotion[field] for field in ("promotion_id", "starts_at", "ends_at")
        )
        if published[name] > 1 or starts_at >= ends_at:
            continue
        for sku in _skus(promotion, policies):
            known_at = max(promotion["event_time"], policies.by_sku[sku][0]["event_time"])
            if known_at + KNOWN_MS > starts_at:
                continue
            history = changes.get(sku, ())
            for at, reason, holds in (
                (starts_at, "PROMOTION_STARTED", True),
                (ends_at, "PROMOTION_ENDED", False),
            ):
                if at + REACHED_MS > horizon:
                    continue
                moments += 1
                if not any(
                    change["event_time"] == at
                    and reason in change["reasons"]
                    and (name in change["promotions"]) == holds
                    for change in history
                ):
                    check.refute(f"sku {sku}: promotion {name} has no {reason} at {at}")
    check.figure = f"{moments:,} starts and ends"


def _skus(promotion: Record, policies: Policies) -> list[str]:
    """The skus that it is for, of those with a policy; not those that changed their category."""
    if promotion["sku"] is not None:
        return [promotion["sku"]] if promotion["sku"] in policies.by_sku else []
    return [
        sku
        for sku, own in policies.by_sku.items()
        if sku != EVERY_SKU and {policy["category"] for policy in own} == {promotion["category"]}
    ]
