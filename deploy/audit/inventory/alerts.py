"""Which alerts a sku's step has to raise."""

from collections.abc import Mapping
from typing import Any

from deploy.audit.inventory.reference import Policies
from deploy.audit.inventory.steps import Step

LOW = frozenset({"LOW_STOCK", "REORDER_REQUESTED"})


class Alarm:
    """Follows a sku's ATS (units available to sell, over all warehouses).

    Low stock is told when ATS falls to the reorder point from above, and again only after a
    RESTOCKED or a positive ADJUSTED left it above. Around a change of policy both telling and not
    telling are accepted: `_armed` is None then, until the next restock.
    """

    def __init__(self, sku: str, policies: Policies) -> None:
        self._sku = sku
        self._policies = policies
        self._armed: bool | None = False
        self._reorder_point: int | None = None
        self._out = False

    def wrong(
        self, step: Step, event: Mapping[str, Any] | None, before: int, after: int
    ) -> list[str]:
        """What is wrong with the step's alerts, given ATS before and after it."""
        possible = {p[:2] for p in self._policies.possible(self._sku, step.event_time)}
        point, quantity = next(iter(possible))
        if len(possible) > 1 or self._reorder_point not in (None, point):
            self._armed = None
        self._reorder_point = point if len(possible) == 1 else -1

        wanted = self._stock_alerts(before, after)
        optional: frozenset[str] = frozenset()
        if self._armed is None:
            optional = LOW
        elif self._armed and 0 < point < before and after <= point:
            wanted["LOW_STOCK"] = after
            if quantity > 0:
                wanted["REORDER_REQUESTED"] = quantity
        if any(alert["alert_type"] in LOW for alert in step.alerts) or wanted.keys() & LOW:
            self._armed = False
        if event is not None and _refills(event) and len(possible) == 1 and after > point:
            self._armed = True
        return self._compared(step, wanted, optional, before, after)

    def _stock_alerts(self, before: int, after: int) -> dict[str, int]:
        if before > 0 and after == 0:
            self._out = True
            return {"OUT_OF_STOCK": 0}
        if before == 0 and after > 0 and self._out:
            self._out = False
            return {"BACK_IN_STOCK": after}
        return {}

    def _compared(
        self, step: Step, wanted: dict[str, int], optional: frozenset[str], before: int, after: int
    ) -> list[str]:
        why = f"(ATS {before} -> {after}, reorder point {self._reorder_point})"
        told = [alert["alert_type"] for alert in step.alerts]
        missing = [f"{step}: {kind} is missing {why}" for kind in wanted.keys() - set(told)]
        doubled = [f"{step}: {kind} came twice" for kind in set(told) if told.count(kind) > 1]
        wrong = []
        for alert in step.alerts:
            kind, quantity = alert["alert_type"], alert["quantity"]
            if kind not in wanted and kind not in optional:
                wrong.append(f"{step}: {kind} without reason {why}")
            elif wanted.get(kind, quantity) != quantity:
                wrong.append(f"{step}: {kind} of {quantity}, expected {wanted[kind]} {why}")
        return missing + doubled + wrong


def _refills(event: Mapping[str, Any]) -> bool:
    return event["event_type"] in ("RESTOCKED", "ADJUSTED") and event["quantity"] > 0
