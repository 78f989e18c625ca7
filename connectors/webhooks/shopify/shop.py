"""What Shopify tells of stock, products, carts and checkouts."""

from decimal import Decimal

from connectors.webhooks.contract import Cart, Click, Fact, Item, Level, Product
from connectors.webhooks.reading import Told, epoch_ms, made, minor
from connectors.webhooks.shopify.bodies import (
    CartBody,
    Checkout,
    InventoryItem,
    InventoryLevel,
    ProductBody,
)
from connectors.webhooks.shopify.names import exact, id_of, sku_of


def level(told_level: InventoryLevel, told: Told) -> list[Fact]:
    """inventory_levels/update: units at a location, of an item; null where none are counted."""
    gid = told_level.admin_graphql_api_id
    exact("InventoryLevel", told_level.location_id, gid)
    item = told_level.inventory_item_id
    if gid is not None and "inventory_item_id=" in gid:
        digits = gid.partition("inventory_item_id=")[2]
        item = exact("InventoryItem", item, f"gid://shopify/InventoryItem/{digits}")
    if told_level.available is None:
        return []
    return [
        made(
            Level,
            source=told.platform,
            item=str(item),
            warehouse_id=told.name(told_level.location_id),
            available=told_level.available,
            at=epoch_ms(told_level.updated_at),
        )
    ]


def item(named: InventoryItem, told: Told) -> list[Fact]:
    """inventory_items/create and /update: the sku of an item."""
    number = id_of("InventoryItem", named)
    if not named.sku:
        return []
    return [_item(told, number, named.sku, epoch_ms(named.updated_at))]


def _item(told: Told, number: int, sku: str, at: int) -> Item:
    return made(Item, source=told.platform, item=str(number), sku=sku, at=at)


def product(product: ProductBody, told: Told) -> list[Fact]:
    """products/create and /update: each variant; prices are in the shop's currency."""
    id_of("Product", product)
    at, facts = epoch_ms(product.updated_at), list[Fact]()
    for variant in product.variants:
        number = id_of("ProductVariant", variant)
        sku = variant.sku or told.name("variant", number)
        single = variant.title == "Default Title"
        facts.append(
            made(
                Product,
                event_id=told.name("variant", number, at),
                event_time=at,
                sku=sku,
                name=product.title if single else f"{product.title}, {variant.title}",
                category=product.product_type or "uncategorised",
                price_minor=minor(variant.price, told.currency),
                currency=told.currency,
            )
        )
        if variant.inventory_item_id is not None:
            facts.append(_item(told, variant.inventory_item_id, sku, at))
    return facts


def cart(filled: CartBody, told: Told) -> list[Fact]:
    """carts/create and /update: all that is in the cart."""
    units: dict[str, tuple[int, Decimal]] = {}
    for line in filled.line_items:
        sku = sku_of(told, line)
        before, _ = units.get(sku, (0, line.price))
        units[sku] = (before + line.quantity, line.price)
    return [
        made(
            Cart,
            source=told.platform,
            cart_id=filled.token,
            visitor_id=told.name(filled.token),
            at=epoch_ms(filled.updated_at),
            currency=told.currency,
            lines=[
                {
                    "sku": sku,
                    "quantity": quantity,
                    "price_minor": minor(price, told.currency, rounded=True),
                }
                for sku, (quantity, price) in units.items()
            ],
        )
    ]


def checkout(started: Checkout, told: Told) -> list[Fact]:
    """checkouts/create: the visitor is at the till."""
    customer = started.customer and told.customer(id_of("Customer", started.customer), None, "")
    return [
        made(
            Click,
            event_id=told.name("checkout", started.token),
            event_time=epoch_ms(started.created_at),
            visitor_id=told.name(started.cart_token or started.token),
            customer_id=customer,
            event_type="CHECKOUT_START",
        )
    ]
