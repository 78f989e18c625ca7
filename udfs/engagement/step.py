"""One event or wake-up of a customer, as the rules work on it."""

from typing import Any, Final

from udfs.contract import View
from udfs.engagement.events import ALL, POLICIES, Policy, QuietHours, Template
from udfs.engagement.hours import Day
from udfs.engagement.state import Customer, Told

DAY_MS: Final = 86_400_000

SHOP: Final = Policy(
    template=ALL,
    version=0,
    weekly_cap=3,
    quiet_from_min=21 * 60,
    quiet_to_min=8 * 60,
    time_zone="UTC",
    channel="EMAIL",
)
"""What holds for all templates while engagement.policies has no record of "*"."""

REASONS: Final[dict[Template, str]] = {
    "CART_ABANDONMENT": "CART_LEFT",
    "BROWSE_ABANDONMENT": "VIEWED_OFTEN",
    "BACK_IN_STOCK": "WISHED_FOR",
    "REVIEW_REQUEST": "DELIVERED",
    "CROSS_SELL": "DELIVERED",
}


class Step:
    """One event or wake-up of a customer: their state, which it changes in place, and outputs.

    at: its time (epoch ms).
    """

    def __init__(self, customer: Customer, view: View, at: int) -> None:
        self.customer = customer
        self.view = view
        self.at = at
        self.outputs: list[tuple[str, dict[str, Any]]] = []

    def policy(self, template: str) -> Policy | None:
        """The template's policy, if it is to be sent at all."""
        policy: Policy | None = self.view.reference(POLICIES).get(template)
        return policy if policy is not None and policy.active and self.shop.active else None

    @property
    def shop(self) -> Policy:
        """What holds for all templates."""
        shop: Policy = self.view.reference(POLICIES).get(ALL, SHOP)
        return shop

    def day(self, policy: Policy) -> Day:
        """The customer's day: as they told, else as the policy has it, else as all have it."""
        return day_of(self.customer.told, policy, self.shop)


def day_of(*sources: QuietHours | Told | None) -> Day:
    """The day as the first of `sources` has it that says something, else as `SHOP` does."""
    told = [source for source in (*sources, SHOP) if source is not None]
    time_zone = next(one.time_zone for one in told if one.time_zone is not None)
    quiet_from, quiet_to = next(
        (one.quiet_from_min, one.quiet_to_min)
        for one in told
        if one.quiet_from_min is not None and one.quiet_to_min is not None
    )
    return Day(time_zone, quiet_from, quiet_to)
