"""A job that does everything right, by the audit's own model, on what the simulated shop sends.

It cannot show that the model is right (the hand-made logs do that), but that a verdict holds for
long logs, and falls with any single record.
"""

from heapq import heappop, heappush

from support.inventory_log import NOON, InventoryLog

from deploy.audit.inventory.inputs import Validity, validity
from deploy.audit.inventory.model import Stock
from deploy.audit.inventory.reference import Costs, Policies
from deploy.simulate.shop import Shop

INPUT_DEFAULTS = {
    "warehouse_id": None,
    "quantity": 0,
    "reservation_id": None,
    "order_id": None,
    "channel": None,
    "ship_to_region": None,
}


class RightJob:
    """Decides one event at a time and writes to `log`."""

    def __init__(self, log: InventoryLog) -> None:
        self.log = log
        self._policies = Policies(log.policies, 0)
        self._costs = Costs(log.costs, 0)
        self._stocks: dict[str, Stock] = {}
        self._steps: dict[str, int] = {}
        self._low: dict[str, bool] = {}
        self._out: set[str] = set()
        self._timeouts: list[tuple[int, str, str]] = []

    def decide(self, event: dict) -> None:
        sku = event["sku"]
        stock = self._stocks.setdefault(sku, Stock(self._costs))
        if stock.changes_nothing(event):
            return
        policy = self._policies.possible(sku, event["event_time"])[0]
        expires_at = event["event_time"] + policy.reservation_timeout_s * 1000
        claim = {"status": "RESERVED", "warehouse_id": None, "expires_at": expires_at}
        claims = [{**claim, "reservation_id": event["reservation_id"]}]
        ats, step = stock.ats(), self._steps.get(sku, 0) + 1
        decisions = stock.apply(event, step, claims)
        reservation = stock.reservations.get(event["reservation_id"])
        is_new = reservation is not None and reservation.step == step
        if is_new and reservation.status == "RESERVED":
            heappush(self._timeouts, (expires_at, sku, event["reservation_id"]))
        refills = event["event_type"] in ("RESTOCKED", "ADJUSTED") and event["quantity"] > 0
        self._write(sku, event["event_id"], event["event_time"], decisions, ats, refills)

    def wake(self, now: int) -> None:
        """Expire what is due at `now` (epoch ms)."""
        while self._timeouts and self._timeouts[0][0] <= now:
            due, sku, name = heappop(self._timeouts)
            stock = self._stocks[sku]
            if stock.reservations[name].status == "RESERVED":
                ats = stock.ats()
                self._write(sku, f"wake-{name}", due, [stock.expire(name)], ats, False)

    def _write(self, sku, cause, at, decisions, before, refills) -> None:
        stock = self._stocks[sku]
        self._steps[sku] = self._steps.get(sku, 0) + 1
        records = []
        for decision in decisions:
            reservation = stock.reservations.get(decision.reservation_id)
            expires_at = reservation.expires_at if decision.status == "RESERVED" else None
            fields = {**decision._asdict(), "quantity": decision.quantity or 1}
            records.append({**fields, "expires_at": expires_at})
        numbers = [
            (name, units.total, units.reserved, units.committed)
            for name, units in stock.warehouses.items()
            if name in stock.touched
        ]
        stock.touched.clear()
        alerts = tuple(self._alerts(sku, at, before, stock.ats(), refills))
        self.log.step(cause, tuple(records), tuple(numbers), alerts, sku, at)

    def _alerts(self, sku, at, before, after, refills):
        policy = self._policies.possible(sku, at)[0]
        if before > 0 and after == 0:
            self._out.add(sku)
            yield "OUT_OF_STOCK", 0
        if before == 0 and after > 0 and sku in self._out:
            self._out.discard(sku)
            yield "BACK_IN_STOCK", after
        point = policy.reorder_point
        if refills and after > point:
            self._low[sku] = False
        if point > 0 and after <= point < before and not self._low.get(sku, True):
            self._low[sku] = True
            yield "LOW_STOCK", after
            if policy.reorder_quantity:
                yield "REORDER_REQUESTED", policy.reorder_quantity


def simulated(events: int, rate: float = 200, seed: int = 1) -> InventoryLog:
    """The log of a shop of so many events, an hour after its reference data was published."""
    log, shop = InventoryLog(), Shop(seed, "run", rate)
    for sending in shop.reference(NOON - 3_600_000):
        target = log.policies if sending.topic == "inventory.policies" else log.costs
        target.append(sending.record)
    job, decided_ids = RightJob(log), set()

    def take(sending, now: int) -> None:
        job.wake(now)
        if isinstance(sending.record, bytes):
            log.raw(sending.record, sending.key.encode())
        else:
            event = {**INPUT_DEFAULTS, **sending.record}
            log.raw(repr(event).encode(), sending.key.encode(), event)
        entry = log.inputs[-1]
        if validity(entry) is Validity.INVALID:
            log.dead_letter(entry.offset, entry.value, entry.key)
        elif entry.record["event_id"] not in decided_ids:
            decided_ids.add(entry.record["event_id"])
            job.decide(entry.record)

    for sending in shop.opening(NOON):
        take(sending, NOON)
    for number in range(events):
        now = NOON + round(number * 1000 / rate)
        take(shop.next(now), now)
    return log
