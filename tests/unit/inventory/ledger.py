"""What a reader knows of a sku from the topics alone, checked against each step that comes in."""

from dataclasses import dataclass, field

from support.rules import Record

from udfs.inventory.events import ALERTS, AVAILABILITY, RESERVATIONS
from udfs.inventory.state import Stock


@dataclass
class Promise:
    """An open reservation as its records tell it."""

    warehouse_id: str
    quantity: int
    firm: bool = False


@dataclass
class Ledger:
    """Folds the steps of one sku and fails as soon as one contradicts those before it."""

    promises: dict[str, Promise] = field(default_factory=dict)
    totals: dict[str, int] = field(default_factory=dict)
    shelves: dict[str, Record] = field(default_factory=dict)
    sequence: int = 0
    sold_out: bool = False
    warned: bool = False

    def read(self, event: Record | None, outputs: list[tuple[str, Record]]) -> None:
        """Take in what one event (None: one or more wake-ups) made happen."""
        steps: dict[int, list[tuple[str, Record]]] = {}
        for topic, item in outputs:
            steps.setdefault(item["sequence"], []).append((topic, item))
        assert event is None or len(steps) <= 1, "an event is one step"
        for sequence, step in steps.items():
            self.sequence += 1
            assert sequence == self.sequence, "sequences have no gap"
            self._read_step(event, step)

    def _read_step(self, event: Record | None, step: list[tuple[str, Record]]) -> None:
        order = [RESERVATIONS, AVAILABILITY, ALERTS]
        places = [order.index(topic) for topic, _ in step]
        assert places == sorted(places)
        decisions, availabilities, alerts = (
            [item for topic, item in step if topic == name] for name in order
        )
        if event is not None:
            assert {item["cause"] for _, item in step} == {event["event_id"]}
        before = self.available
        touched = self._move_units(event, decisions, changed=bool(availabilities))
        self._check_availability(availabilities, touched)
        self._check_alerts(alerts, before, event)

    @property
    def available(self) -> int:
        return sum(item["available"] for item in self.shelves.values())

    def free(self, warehouse_id: str) -> int:
        """Units at the warehouse that the records so far do not promise."""
        promised = sum(
            promise.quantity
            for promise in self.promises.values()
            if promise.warehouse_id == warehouse_id
        )
        return self.totals.get(warehouse_id, 0) - promised

    def _move_units(self, event: Record | None, decisions: list[Record], changed: bool) -> set[str]:
        """Apply the step; the warehouses it touched. Without availability it only repeated."""
        touched = self._deliver(event)
        lost = event is not None and event["event_type"] == "ADJUSTED"
        for item in decisions if changed else []:
            touched |= self._apply(item, event["warehouse_id"] if event and lost else None)
        if changed and event is not None and event["event_type"] == "SHIPPED" and not decisions:
            promise = self.promises.pop(event["reservation_id"])
            assert promise.firm, "only committed units ship"
            self.totals[promise.warehouse_id] -= promise.quantity
            touched.add(promise.warehouse_id)
        if lost:
            self._check_nothing_lost_could_move(event, decisions)
        return touched

    def _deliver(self, event: Record | None) -> set[str]:
        if event is None or event["event_type"] not in ("RESTOCKED", "ADJUSTED"):
            return set()
        warehouse_id = event["warehouse_id"]
        before = self.totals.get(warehouse_id, 0)
        after = max(0, before + event["quantity"])
        if after == before:
            return set()
        self.totals[warehouse_id] = after
        return {warehouse_id}

    def _apply(self, item: Record, lossy_warehouse: str | None) -> set[str]:
        name, status, warehouse_id = item["reservation_id"], item["status"], item["warehouse_id"]
        if status == "REJECTED":
            return set()
        if status == "RESERVED":
            assert name not in self.promises
            self.promises[name] = Promise(warehouse_id, item["quantity"])
            return {warehouse_id}
        promise = self.promises[name]
        touched = {promise.warehouse_id, warehouse_id}
        if lossy_warehouse is not None:
            assert promise.warehouse_id == lossy_warehouse
            assert self.free(lossy_warehouse) < 0, "no more gives way than must"
        if status == "REROUTED":
            assert self.free(warehouse_id) >= promise.quantity, "it moves where it fits whole"
            promise.warehouse_id = warehouse_id
        elif status == "COMMITTED":
            promise.firm = True
        else:
            assert not (status == "EXPIRED" and promise.firm)
            del self.promises[name]
        return touched

    def _check_nothing_lost_could_move(self, event: Record, decisions: list[Record]) -> None:
        for item in decisions:
            if item["status"] == "RELEASED":
                assert item["reason"] == "STOCK_LOST"
                others = self.totals.keys() - {event["warehouse_id"]}
                assert all(self.free(other) < item["quantity"] for other in others)

    def _check_availability(self, availabilities: list[Record], touched: set[str]) -> None:
        named = [item["warehouse_id"] for item in availabilities]
        assert sorted(named) == sorted(touched), "one record a touched warehouse"
        for item in availabilities:
            known = self.shelves.get(item["warehouse_id"], {"version": 0})
            assert item["version"] == known["version"] + 1
            assert item["available"] == item["total"] - item["reserved"] - item["committed"] >= 0
            self.shelves[item["warehouse_id"]] = item

    def _check_alerts(self, alerts: list[Record], before: int, event: Record | None) -> None:
        """Out and back in stock are what the availability records say, and nothing else."""
        expected = []
        if before > 0 and self.available == 0:
            expected.append(("OUT_OF_STOCK", 0))
            self.sold_out = True
        elif before == 0 and self.available > 0 and self.sold_out:
            expected.append(("BACK_IN_STOCK", self.available))
        told = [(item["alert_type"], item["quantity"]) for item in alerts]
        low = [alert for alert in told if alert[0] in ("LOW_STOCK", "REORDER_REQUESTED")]
        assert [alert for alert in told if alert not in low] == expected
        self._check_warning(low, before, event)

    def _check_warning(self, low: list[tuple[str, int]], before: int, event: Record | None) -> None:
        if low:
            assert not self.warned, "one warning a shortage"
            assert before > self.available == low[0][1]
            self.warned = True
        elif event is not None and event["event_type"] in ("RESTOCKED", "ADJUSTED"):
            self.warned = self.warned and event["quantity"] < 0

    def check_state(self, stock: Stock | None) -> None:
        """The stored state is what the records add up to."""
        if stock is None:
            assert self.sequence == 0
            return
        assert stock.sequence == self.sequence
        assert stock.warehouses.keys() == self.totals.keys() == self.shelves.keys()
        for warehouse_id, shelf in stock.warehouses.items():
            held = [p for p in self.promises.values() if p.warehouse_id == warehouse_id]
            told = self.shelves[warehouse_id]
            assert shelf.total == told["total"] == self.totals[warehouse_id]
            reserved = sum(promise.quantity for promise in held if not promise.firm)
            assert shelf.reserved == told["reserved"] == reserved
            firm = sum(promise.quantity for promise in held if promise.firm)
            assert shelf.committed == told["committed"] == firm
            assert shelf.version == told["version"]
            assert shelf.total >= shelf.reserved + shelf.committed
