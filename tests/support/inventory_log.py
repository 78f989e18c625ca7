"""The topics of the inventory job in memory, written by hand: what came in, and what came out."""

from collections import Counter
from typing import Any

from deploy.audit.inventory import InputRecord, audit
from deploy.audit.verdict import Verdict

NOON = 1_750_000_000_000
SECOND = 1000
RESERVATION = {"order_id": None, "warehouse_id": None, "reason": None, "expires_at": None}


class InventoryLog:
    """Appends as Kafka does. Offsets, steps and versions count up by themselves."""

    def __init__(self) -> None:
        self.inputs: list[InputRecord] = []
        self.reservations: list[dict[str, Any]] = []
        self.availability: list[dict[str, Any]] = []
        self.alerts: list[dict[str, Any]] = []
        self.dead_letters: list[dict[str, Any]] = []
        self.policies: list[dict[str, Any]] = []
        self.costs: list[dict[str, Any]] = []
        self._steps: Counter[str] = Counter()
        self._versions: Counter[tuple[str, str]] = Counter()

    def policy(
        self, sku: str, point: int = 0, quantity: int = 0, timeout_s: int = 900, at: int = 0
    ) -> None:
        self.policies.append(
            {
                "event_time": at,
                "sku": sku,
                "reorder_point": point,
                "reorder_quantity": quantity,
                "reservation_timeout_s": timeout_s,
            }
        )

    def cost(
        self, warehouse_id: str, region: str, minor: int, km: float = 0.0, at: int = 0
    ) -> None:
        place = {"warehouse_id": warehouse_id, "region": region}
        self.costs.append({**place, "event_time": at, "cost_minor": minor, "distance_km": km})

    def event(self, event_id: str, event_type: str, at: int = NOON, **given: Any) -> None:
        """A decodable record of inventory.events, of sku "mug" unless given."""
        event = {
            "event_id": event_id,
            "event_time": at,
            "event_type": event_type,
            "sku": "mug",
            "warehouse_id": None,
            "quantity": 0,
            "reservation_id": None,
            "order_id": None,
            "channel": None,
            "ship_to_region": None,
            **given,
        }
        self.raw(repr(sorted(event.items())).encode(), event["sku"].encode(), event)

    def raw(
        self, value: bytes | None, key: bytes | None, event: dict[str, Any] | None = None
    ) -> None:
        self.inputs.append(InputRecord(0, len(self.inputs), key, value, event))

    def step(
        self,
        cause: str,
        decisions: tuple[dict[str, Any], ...] = (),
        stock: tuple[tuple[str, int, int, int], ...] = (),
        alerts: tuple[tuple[str, int], ...] = (),
        sku: str = "mug",
        at: int = NOON,
    ) -> None:
        """What one event or wake-up caused.

        decisions: fields of inventory.reservations. stock: (warehouse, total, reserved, committed).
        alerts: (type, quantity).
        """
        self._steps[sku] += 1
        step = {"sku": sku, "sequence": self._steps[sku], "cause": cause, "event_time": at}
        prefix = f"{sku}/{self._steps[sku]}"
        for i, decision in enumerate(decisions):
            self.reservations.append(
                {"event_id": f"{prefix}/d{i}", **step, **RESERVATION, **decision}
            )
        for warehouse, total, reserved, committed in stock:
            self._versions[sku, warehouse] += 1
            self.availability.append(
                {
                    "event_id": f"{prefix}/{warehouse}",
                    **step,
                    "warehouse_id": warehouse,
                    "total": total,
                    "reserved": reserved,
                    "committed": committed,
                    "available": total - reserved - committed,
                    "version": self._versions[sku, warehouse],
                }
            )
        for kind, quantity in alerts:
            alert = {"alert_type": kind, "warehouse_id": None, "quantity": quantity}
            self.alerts.append({"event_id": f"{prefix}/{kind}", **step, **alert})

    def dead_letter(self, offset: int, value: bytes | None, key: bytes | None) -> None:
        self.dead_letters.append(
            {
                "source_topic": "inventory.events",
                "source_partition": 0,
                "source_offset": offset,
                "record_key": key,
                "record_value": value,
                "error_message": "it is bad",
            }
        )

    def audit(self, **options: Any) -> Verdict:
        return audit(
            self.inputs,
            self.reservations,
            self.availability,
            self.alerts,
            self.dead_letters,
            self.policies,
            self.costs,
            **options,
        )


def decided(
    reservation_id: str, status: str, quantity: int = 1, warehouse: str | None = None, **more: Any
) -> dict[str, Any]:
    """A decision for `InventoryLog.step`."""
    named = {"reservation_id": reservation_id, "status": status, "quantity": quantity}
    return {**named, "warehouse_id": warehouse, **more}
