"""One sku's steps, judged one after the other against the naive model."""

from collections.abc import Mapping
from typing import Any

from deploy.audit.inventory.alerts import Alarm
from deploy.audit.inventory.model import Decision, Stock, Units
from deploy.audit.inventory.promises import Promises
from deploy.audit.inventory.reference import Costs, Policies
from deploy.audit.inventory.steps import Step
from deploy.audit.verdict import Check, Invariants

Record = Mapping[str, Any]


class Checks(Invariants):
    """What the inventory job promises, a check each."""

    def __init__(self) -> None:
        self.answered = Check("every valid event is answered, and once")
        self.order = Check("a sku's events are decided in the order of the log")
        self.sequences = Check("a sku's steps count up by one")
        self.versions = Check("versions of a sku at a warehouse count up by one")
        self.arithmetic = Check("available = total - reserved - committed, none negative")
        self.stock = Check("availability is what the events add up to")
        self.decisions = Check("every decision is what the contract says")
        self.oversold = Check("no warehouse promises more than it has")
        self.expiries = Check("reservations expire when due, and not before")
        self.alerts = Check("alerts are raised when due, and only then")
        self.dead_letters = Check("invalid records, and only they, are in dlq as they came")


class SkuAudit:
    """Takes a sku's steps in order, then `finish`. `events` are those it had to decide."""

    def __init__(
        self, sku: str, events: list[Record], policies: Policies, costs: Costs, checks: Checks
    ) -> None:
        self.stock = Stock(costs)
        self.wake_ups = 0
        self._sku = sku
        self._events = events
        self._policies = policies
        self._checks = checks
        self._alarm = Alarm(sku, policies)
        self._promises = Promises()
        self._versions: dict[str, int] = {}
        self._next = 0
        self._skipped: set[int] = set()
        self._decided: set[int] = set()
        self._places: dict[str, list[int]] = {}
        for place, event in enumerate(events):
            self._places.setdefault(event["event_id"], []).append(place)

    def take(self, step: Step) -> None:
        """Judge one step: find its cause, fold it, compare what came out."""
        self._check_numbers(step)
        places = self._places.get(step.cause)
        ats = self.stock.ats()
        self.stock.touched.clear()
        event = None
        if places is None:
            expected = self._woken(step)
        else:
            place = next((p for p in places if p not in self._decided), None)
            if place is None:
                self._checks.answered.refute(f"{step}: this event was decided before")
                return
            self._note_order(step, place)
            event = self._events[place]
            expected = self.stock.apply(event, step.sequence, step.reservations)
            self._check_expiry_date(step, event)
        self._check_decisions(step, expected)
        self._check_availability(step)
        self._check_promises(step, event)
        for violation in self._alarm.wrong(step, event, ats, self.stock.ats()):
            self._checks.alerts.refute(violation)

    def finish(self, due: int | None) -> None:
        """After the last step: what is missing, and what was to expire by `due` (epoch ms)."""
        self._skip_to(len(self._events))
        for place in sorted(self._skipped - self._decided):
            event = self._events[place]
            self._checks.answered.refute(
                f"{self._sku}: {event['event_type']} {event['event_id']} caused no step"
            )
        if due is None:
            return
        for name, reservation in self.stock.reservations.items():
            if reservation.status == "RESERVED" and reservation.is_due(due):
                self._checks.expiries.refute(
                    f"{self._sku} step {reservation.step}: {name} was to expire at "
                    f"{reservation.expires_at} and is still reserved"
                )

    def _note_order(self, step: Step, place: int) -> None:
        if place < self._next:
            self._checks.order.refute(f"{step}: decided after a later event of the log")
        self._skip_to(place)
        self._next = max(self._next, place + 1)
        self._decided.add(place)

    def _skip_to(self, place: int) -> None:
        """Note the events before `place` that had no step, except those that change nothing."""
        for skipped in range(self._next, place):
            if not self.stock.changes_nothing(self._events[skipped]):
                self._skipped.add(skipped)

    def _woken(self, step: Step) -> list[Decision]:
        """A wake-up can only expire reservations, and only those that are due."""
        self.wake_ups += 1
        expected = []
        for record in step.reservations:
            name = record["reservation_id"]
            reservation = self.stock.reservations.get(name)
            if record["status"] != "EXPIRED" or reservation is None:
                continue
            if reservation.status != "RESERVED":
                self._checks.expiries.refute(
                    f"{step}: {name} expired, but it was {reservation.status} before"
                )
                continue
            if not reservation.is_due(record["event_time"]):
                self._checks.expiries.refute(
                    f"{step}: {name} expired at {record['event_time']}, before its time "
                    f"{reservation.expires_at}"
                )
            expected.append(self.stock.expire(name))
        if not expected:
            self._checks.answered.refute(f"{step}: no event has this id, and nothing expired")
        return expected

    def _check_expiry_date(self, step: Step, event: Record) -> None:
        """A new reservation says when it expires: by a policy that may have been in force."""
        name = event["reservation_id"]
        reservation = self.stock.reservations.get(name) if name else None
        if reservation is None or reservation.step != step.sequence:
            return
        if reservation.status != "RESERVED":
            return
        possible = {
            event["event_time"] + policy.reservation_timeout_s * 1000
            for policy in self._policies.possible(self._sku, event["event_time"])
        }
        if reservation.expires_at not in possible:
            wanted = " or ".join(map(str, sorted(possible)))
            self._checks.expiries.refute(
                f"{step}: {name} expires at {reservation.expires_at}, expected {wanted}"
            )

    def _check_decisions(self, step: Step, expected: list[Decision]) -> None:
        came = sorted(step.reservations, key=lambda r: (r["reservation_id"], r["status"]))
        met = len(came) == len(expected) and all(
            decision.is_met_by(record)
            for decision, record in zip(sorted(expected, key=_by_status), came, strict=True)
        )
        if not met:
            self._checks.decisions.refute(
                f"{step}: expected {_told(d._asdict() for d in expected)}, came {_told(came)}"
            )

    def _check_numbers(self, step: Step) -> None:
        """What can be seen from the records alone."""
        for record in step.availability:
            warehouse, version = record["warehouse_id"], record["version"]
            expected = self._versions.get(warehouse, 0) + 1
            if version != expected:
                self._checks.versions.refute(
                    f"{step}: {warehouse} has version {version}, expected {expected}"
                )
            self._versions[warehouse] = version
            total, reserved, committed = record["total"], record["reserved"], record["committed"]
            available = record["available"]
            if (
                available != total - reserved - committed
                or min(total, reserved, committed, available) < 0
            ):
                self._checks.arithmetic.refute(
                    f"{step}: {warehouse} has available {available}, total {total}, "
                    f"reserved {reserved}, committed {committed}"
                )

    def _check_availability(self, step: Step) -> None:
        """One record for each warehouse touched, with the model's numbers."""
        came: set[str] = set()
        for record in step.availability:
            warehouse = record["warehouse_id"]
            if warehouse in came:
                self._checks.stock.refute(f"{step}: {warehouse} was told twice")
            came.add(warehouse)
            told = Units(record["total"], record["reserved"], record["committed"])
            known = self.stock.warehouses.get(warehouse, Units())
            if told != known:
                self._checks.stock.refute(f"{step}: {warehouse} has {told}, expected {known}")
        for warehouse in sorted(self.stock.touched - came):
            self._checks.stock.refute(f"{step}: {warehouse} changed, but was not told")

    def _check_promises(self, step: Step, event: Record | None) -> None:
        self._promises.take(step, event)
        for warehouse, promised in self._promises.of(step):
            total = self.stock.warehouses.get(warehouse, Units()).total
            if promised > total:
                self._checks.oversold.refute(
                    f"{step}: {warehouse} promises {promised} and has {total}"
                )


def _by_status(decision: Decision) -> tuple[str, str]:
    return decision.reservation_id, decision.status


def _told(records: Any) -> str:
    """Decisions in a few words."""
    told = [
        " ".join(
            str(record[name])
            for name in ("reservation_id", "status", "reason", "warehouse_id", "quantity")
            if record[name] is not None
        )
        for record in records
    ]
    return "; ".join(told) or "nothing"
