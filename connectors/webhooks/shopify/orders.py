"""What Shopify tells of orders: placed, cancelled, paid, refunded, on their way."""

from connectors.webhooks.contract import (
    Click,
    Fact,
    OrderInitiated,
    OrderRequest,
    PaymentEvent,
    ShipmentEvent,
    Unmappable,
)
from connectors.webhooks.reading import Told, country, epoch_ms, made, minor
from connectors.webhooks.shopify.bodies import (
    Address,
    CancelledOrder,
    Fulfillment,
    Order,
    Refund,
    Transaction,
)
from connectors.webhooks.shopify.names import id_of, sku_of

CHANNELS = {"pos": "store", "iphone": "app", "android": "app"}
PAYMENTS = {
    ("authorization", "success"): "AUTHORIZED",
    ("capture", "success"): "CAPTURED",
    ("sale", "success"): "CAPTURED",
    ("refund", "success"): "REFUNDED",
    ("authorization", "failure"): "DECLINED",
    ("sale", "failure"): "DECLINED",
    ("authorization", "error"): "DECLINED",
    ("sale", "error"): "DECLINED",
}
PARCELS = {
    "pending": "PICKED",
    "open": "PACKED",
    "success": "SHIPPED",
    "cancelled": None,
    "error": None,
    "failure": None,
}


def order_placed(order: Order, told: Told) -> list[Fact]:
    """orders/create: the order, and the purchases of the cart that it was."""
    number, at, currency = id_of("Order", order), epoch_ms(order.created_at), order.currency
    customer = id_of("Customer", order.customer) if order.customer else None
    lines = [
        {
            "sku": sku_of(told, line),
            "quantity": line.quantity,
            "unit_price_minor": minor(line.price, currency, rounded=True),
        }
        for line in order.line_items
    ]
    created_at = order.customer.created_at if order.customer else None
    customer_id = told.customer(customer, order.email, number)
    source = order.source_name or "web"
    placed = made(
        OrderInitiated,
        event_id=told.name("order", number, "placed"),
        event_time=at,
        order_id=told.name(number),
        customer_id=customer_id,
        account_created_at=epoch_ms(created_at) if created_at else None,
        amount_minor=minor(order.total_price, currency),
        currency=currency,
        payment_method=next(iter(order.payment_gateway_names), "unknown"),
        ip=order.browser_ip,
        billing_country=_country(order.billing_address),
        shipping_country=_country(order.shipping_address),
        channel=CHANNELS.get(source, source),
        lines=lines,
    )
    if not order.cart_token:
        return [placed]
    bought = [
        made(
            Click,
            event_id=told.name("order", number, "bought", position),
            event_time=at,
            visitor_id=told.name(order.cart_token),
            customer_id=customer_id,
            event_type="PURCHASE",
            sku=line["sku"],
            quantity=line["quantity"],
            price_minor=line["unit_price_minor"],
            currency=currency,
        )
        for position, line in enumerate(lines)
    ]
    return [placed, *bought]


def _country(address: Address | None) -> str | None:
    return country(address.country_code) if address else None


def order_cancelled(order: CancelledOrder, told: Told) -> list[Fact]:
    """orders/cancelled: the wish to cancel it here, too."""
    moment = order.cancelled_at or order.updated_at
    if moment is None:
        raise Unmappable("expected cancelled_at or updated_at, came neither")
    number = id_of("Order", order)
    return [
        made(
            OrderRequest,
            event_id=told.name("order", number, "cancelled"),
            event_time=epoch_ms(moment),
            order_id=told.name(number),
            request="CANCEL",
            reason=order.cancel_reason,
        )
    ]


def transaction(paid: Transaction, told: Told) -> list[Fact]:
    """order_transactions/create: what became of a payment."""
    return _payment(paid, paid.currency or told.currency, told)


def _payment(paid: Transaction, currency: str, told: Told) -> list[Fact]:
    """The same transaction has the same event_id, whichever topic brings it."""
    number = id_of("OrderTransaction", paid)
    event_type = PAYMENTS.get((paid.kind, paid.status))
    if event_type is None:
        return []
    return [
        made(
            PaymentEvent,
            event_id=told.name("transaction", number, event_type),
            event_time=epoch_ms(paid.created_at),
            order_id=told.name(paid.order_id),
            event_type=event_type,
            amount_minor=minor(paid.amount, currency),
            currency=currency,
        )
    ]


def refunded(refund: Refund, told: Told) -> list[Fact]:
    """refunds/create: the money that went back; what came back is told by inventory levels."""
    id_of("Refund", refund)
    sets = (line.subtotal_set for line in refund.refund_line_items)
    shop = next((amount.shop_money.currency_code for amount in sets if amount), told.currency)
    return [
        fact for paid in refund.transactions for fact in _payment(paid, paid.currency or shop, told)
    ]


def fulfilled(parcel: Fulfillment, told: Told) -> list[Fact]:
    """fulfillments/create and /update: where the parcel is."""
    number = id_of("Fulfillment", parcel)
    if parcel.status not in PARCELS:
        raise Unmappable(
            f"expected a fulfillment's status {', '.join(PARCELS)}, came {parcel.status!r:.40}"
        )
    stage = PARCELS[parcel.status]
    if stage is None:
        return []
    if parcel.shipment_status == "delivered":
        stage = "DELIVERED"
    return [
        made(
            ShipmentEvent,
            event_id=told.name("fulfillment", number, stage),
            event_time=epoch_ms(parcel.updated_at or parcel.created_at),
            order_id=told.name(parcel.order_id),
            event_type=stage,
            tracking_number=parcel.tracking_number,
            carrier=parcel.tracking_company,
        )
    ]
