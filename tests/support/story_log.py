"""Price changes and messages in memory, written by hand: what a demo watches besides orders."""

from typing import Any

from support.orders_log import NOON, SECOND, OrdersLog


class StoryLog(OrdersLog):
    """Times are given in seconds after `NOON`."""

    def changed(
        self, sku: str, old: int | None, new: int, *reasons: str, at_s: float = 0, holding: Any = ()
    ) -> None:
        self.put(
            "pricing.changes",
            sku,
            NOON + round(at_s * SECOND),
            sku=sku,
            currency="EUR",
            old_minor=old,
            new_minor=new,
            reasons=list(reasons),
            promotions=list(holding),
        )

    def triggered(
        self,
        trigger_id: str,
        customer: str = "c1",
        *,
        at_s: float = 0,
        template: str = "CART_ABANDONMENT",
        outcome: str = "SENT",
    ) -> None:
        self.put(
            "engagement.triggers",
            customer,
            NOON + round(at_s * SECOND),
            trigger_id=trigger_id,
            customer_id=customer,
            template=template,
            outcome=outcome,
            send_at=NOON + round(at_s * SECOND) if outcome == "SENT" else None,
        )

    def bought(self, customer: str | None = "c1", *, at_s: float = 0) -> None:
        self.clicked("PURCHASE", customer, at_s=at_s)

    def clicked(self, event_type: str, customer: str | None = "c1", *, at_s: float = 0) -> None:
        at = NOON + round(at_s * SECOND)
        self.put("clickstream.events", "v1", at, customer_id=customer, event_type=event_type)

    def promoted(self) -> None:
        """One promotion of the lamp, for 15 s."""
        self.changed("lamp", 1000, 850, "PROMOTION_STARTED", at_s=15, holding=["p1"])
        self.changed("lamp", 850, 1000, "PROMOTION_ENDED", at_s=30)


def whole_story() -> StoryLog:
    """All that a demo has to show."""
    log = StoryLog()
    log.changed("vase", None, 3540, "FIRST_PRICE")
    log.changed("vase", 3540, 3717, "DEMAND_SURGE", at_s=40)
    log.changed("vase", 3717, 3894, "DEMAND_SURGE", at_s=50)
    log.promoted()
    log.triggered("t1", at_s=20)
    log.bought(at_s=40)
    return log
