"""A shop with the real inventory behind its orders, and books of its own about what happens there.

The two rules are joined by their topics, as in production: what the orders write for a sku is read
in order, and so is what the inventory answers to an order about a sku; between skus anything may
overtake. Only the inventory's answers can be lost here: what else is lost never was in a topic.
"""

from collections import Counter, defaultdict, deque
from itertools import count

from order_desk import AMOUNT, NOON, Desk
from support.rules import Record, RuleDriver

from udfs.inventory.domain import INVENTORY
from udfs.inventory.events import POLICIES, SHIPPING_COSTS
from udfs.orders.events import INVENTORY_EVENTS, OUTCOMES, PAYMENTS, REQUESTS, RESERVATIONS
from udfs.orders.events import SHIPMENTS as PARCELS

SKUS = ("mug", "pot")
WAREHOUSES = ("berlin", "oslo")
ALWAYS_EXPLAINED = (OUTCOMES, PAYMENTS, REQUESTS, PARCELS)
"""Topics whose every event leaves a step or refusal; but a parcel that comes back twice."""


class World:
    """Orders, inventory and what is between them; `delivered` and `shipped` are in units a sku."""

    def __init__(self) -> None:
        self.desk = Desk()
        self.inventory = RuleDriver(INVENTORY)
        self.inventory.refer(POLICIES, "*", {"sku": "*", "reservation_timeout_s": 900})
        for warehouse in WAREHOUSES:
            cost = {
                "warehouse_id": warehouse,
                "region": "DE",
                "cost_minor": len(warehouse),
                "currency": "EUR",
                "distance_km": 1.0,
            }
            self.inventory.refer(SHIPPING_COSTS, f"{warehouse}|DE", cost)
        self.now = NOON
        self.to_inventory: dict[str, deque[Record]] = defaultdict(deque)
        self.to_orders: dict[tuple[str, str], deque[Record]] = defaultdict(deque)
        self.delivered: Counter[str] = Counter()
        self.shipped: Counter[str] = Counter()
        self.restocked: Counter[str] = Counter()
        self.committed: dict[str, set[str]] = defaultdict(set)
        self.authorized: set[str] = set()
        self.sent: list[tuple[str, Record]] = []
        self.early: Counter[str] = Counter()
        self.placed: dict[str, int] = {}
        self._numbers = count(1)
        self._watermark()

    # -- what happens -------------------------------------------------------------------------

    def tell(self, topic: str, order_id: str, **fields: object) -> None:
        """A new event about the order."""
        record = {
            "event_id": f"world-{next(self._numbers)}",
            "event_time": self.now,
            "order_id": order_id,
            **fields,
        }
        self.send(topic, record)

    def send(self, topic: str, record: Record) -> None:
        """Let a record reach the orders, for the first time or again."""
        order_id = record["order_id"]
        known = [one for one in self.sent if one == (topic, record)]
        order = self.desk.state(order_id)
        self.sent.append((topic, record))
        if topic == PAYMENTS and record["event_type"] == "AUTHORIZED":
            self.authorized.add(order_id)
        outputs = self.desk.send(record, topic)
        if known:
            assert outputs == [], "an event that came before was decided again"
        elif order is None or order.state is None:
            self.early[order_id] += 1
            assert outputs == []
        elif topic in ALWAYS_EXPLAINED and not (
            order.restocked and record.get("event_type") == "RETURN_RECEIVED"
        ):
            causes = [one.get("cause_id") for _, one in outputs]
            assert record["event_id"] in causes, f"{record} passed in silence"
        self._carry(outputs)

    def place(self, order_id: str, lines: list[tuple[str, int]]) -> None:
        self.placed[order_id] = len(lines)
        self._carry(self.desk.place(order_id, lines, at=self.now))

    def receive(self, sku: str, warehouse_id: str, quantity: int) -> None:
        """Units are delivered to the shop (> 0), or found missing (< 0)."""
        before = self.on_hand(sku)
        kind = "RESTOCKED" if quantity > 0 else "ADJUSTED"
        self._tell_inventory(
            {
                "event_id": f"world-{next(self._numbers)}",
                "event_time": self.now,
                "event_type": kind,
                "sku": sku,
                "warehouse_id": warehouse_id,
                "quantity": quantity,
            }
        )
        self.delivered[sku] += self.on_hand(sku) - before

    def pass_time(self, span: int) -> None:
        self.now += span
        self._watermark()

    def _watermark(self) -> None:
        for _, record in self.inventory.advance(self.now):
            self._answer(record)
        self._carry(self.desk.advance(self.now))

    # -- what is under way --------------------------------------------------------------------

    def _carry(self, outputs: list[tuple[str, Record]]) -> None:
        for topic, record in outputs:
            if topic == INVENTORY_EVENTS:
                self.to_inventory[record["sku"]].append(record)

    def inventory_reads(self, sku: str) -> None:
        """The inventory decides the next event of the sku that the orders wrote."""
        record = self.to_inventory[sku].popleft()
        reservation_id = record["reservation_id"]
        kind = record["event_type"]
        before = self.inventory.children(sku).get(reservation_id)
        self._tell_inventory(record)
        after = self.inventory.children(sku).get(reservation_id)
        if kind == "SHIPPED" and before != after and after.status == "SHIPPED":
            self.shipped[sku] += after.quantity
        if kind == "RESTOCKED":
            self.restocked[sku] += record["quantity"]

    def _tell_inventory(self, record: Record) -> None:
        for topic, answer in self.inventory.send(record):
            if topic == RESERVATIONS:
                self._answer(answer)

    def _answer(self, record: Record) -> None:
        if record.get("reservation_id") and record.get("order_id"):
            times = {"event_id": f"world-{next(self._numbers)}", "event_time": self.now}
            self.to_orders[(record["order_id"], record["sku"])].append(record | times)

    def orders_read(self, order_id: str, sku: str) -> None:
        """The orders decide the next answer about this order and sku."""
        record = self.to_orders[(order_id, sku)].popleft()
        if record["status"] == "COMMITTED":
            self.committed[order_id].add(record["reservation_id"])
        self.send(RESERVATIONS, record)

    def lose_answer(self, order_id: str, sku: str) -> None:
        self.to_orders[(order_id, sku)].popleft()

    def waiting_skus(self) -> list[str]:
        return sorted(sku for sku, queue in self.to_inventory.items() if queue)

    def waiting_answers(self) -> list[tuple[str, str]]:
        return sorted(key for key, queue in self.to_orders.items() if queue)

    def settle(self) -> None:
        """Let everything that is under way arrive."""
        while self.waiting_skus() or self.waiting_answers():
            for sku in self.waiting_skus():
                self.inventory_reads(sku)
            for order_id, sku in self.waiting_answers():
                self.orders_read(order_id, sku)

    # -- what an honest world does next -------------------------------------------------------

    def proceed(self, order_id: str, band: str) -> None:
        """What happens to an order if nothing goes wrong."""
        order = self.desk.state(order_id)
        money = {"amount_minor": AMOUNT, "currency": "EUR"}
        match order.state:
            case "INITIATED" if order.decision_id is None:
                self.tell("fraud.decisions", order_id, decision_id="d1", band=band)
            case "INITIATED" | "STEP_UP" | "IN_REVIEW" if not order.paid:
                self.tell(PAYMENTS, order_id, event_type="AUTHORIZED", **money)
            case "STEP_UP" | "IN_REVIEW":
                self.tell(OUTCOMES, order_id, outcome="LEGITIMATE", source="REVIEWER")
            case "CONFIRMED":
                self.tell(PARCELS, order_id, event_type="PACKED")
            case "PACKED":
                self.tell(PARCELS, order_id, event_type="SHIPPED", tracking_number="T1")
            case "SHIPPED":
                self.tell(PARCELS, order_id, event_type="DELIVERED")
            case _:
                self.settle()

    # -- what can be seen ---------------------------------------------------------------------

    def on_hand(self, sku: str) -> int:
        stock = self.inventory.state(sku)
        return 0 if stock is None else sum(shelf.total for shelf in stock.warehouses.values())

    def open_reservations(self, order_id: str) -> list[str]:
        """Of the order, at the inventory: RESERVED or COMMITTED."""
        return [
            name
            for sku in SKUS
            for name, child in self.inventory.children(sku).items()
            if child.order_id == order_id and child.status in ("RESERVED", "COMMITTED")
        ]
