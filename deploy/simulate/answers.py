"""What the world says about orders, as records on their way. All times are epoch ms.

`cause` is the event_id of what is answered: the same answer has the same id, and another one, to a
command that should not have been given twice, does not hide behind it.
"""

from deploy.simulate.orders import Order
from deploy.simulate.sending import Kind, Record, Sending

PAYMENTS = "payments.events"
OUTCOMES = "fraud.outcomes"
SHIPMENTS = "shipments.events"
REQUESTS = "orders.requests"
CARRIER = "parcelpost"


def payment(order: Order, command: Record, said: str, at: int) -> Sending:
    """The payment provider's word on a command; the amount is the command's, or else all."""
    amount_minor = command["amount_minor"]
    record = {
        "event_id": f"{command['event_id']}-{said.lower()}",
        "event_time": at,
        "order_id": order.order_id,
        "event_type": said,
        "amount_minor": order.record["amount_minor"] if amount_minor is None else amount_minor,
        "currency": command["currency"] or order.record["currency"],
    }
    return Sending(Kind.PAYMENT, PAYMENTS, order.order_id, record, at)


def outcome(order: Order, said: str, source: str, cause: str, at: int) -> Sending:
    """LEGITIMATE or FRAUD, says `source`."""
    record = {
        "event_id": f"{cause}-{source.lower()}",
        "event_time": at,
        "order_id": order.order_id,
        "customer_id": order.customer_id,
        "outcome": said,
        "source": source,
    }
    return Sending(Kind.OUTCOME, OUTCOMES, order.order_id, record, at)


def shipment(order: Order, step: str, cause: str, at: int) -> Sending:
    """A step of the parcel, which has a tracking number once a carrier has it."""
    is_under_way = step in ("SHIPPED", "DELIVERED")
    record = {
        "event_id": f"{cause}-{step.lower()}",
        "event_time": at,
        "order_id": order.order_id,
        "event_type": step,
        "tracking_number": f"{order.order_id}-parcel" if is_under_way else None,
        "carrier": CARRIER if is_under_way else None,
    }
    return Sending(Kind.SHIPMENT, SHIPMENTS, order.order_id, record, at)


def request(order: Order, asked: str, reason: str, at: int) -> Sending:
    """CANCEL or RETURN, asks the customer."""
    record = {
        "event_id": f"{order.order_id}-{asked.lower()}",
        "event_time": at,
        "order_id": order.order_id,
        "request": asked,
        "reason": reason,
    }
    return Sending(Kind.REQUEST, REQUESTS, order.order_id, record, at)
