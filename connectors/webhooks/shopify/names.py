"""Ids and skus in Shopify's bodies."""

from connectors.webhooks.contract import Unmappable
from connectors.webhooks.reading import Told
from connectors.webhooks.shopify.bodies import Line, Named


def exact(kind: str, number: int, gid: str | None) -> int:
    """The id, by its `gid://shopify/KIND/ID` where there is one."""
    if gid is None:
        return number
    head, _, tail = gid.partition(f"gid://shopify/{kind}/")
    digits = tail.partition("?")[0]
    if head or not (digits.isascii() and digits.isdigit() and len(digits) <= 20):
        raise Unmappable(f"expected an id gid://shopify/{kind}/NUMBER, came {gid!r:.80}")
    return int(digits)


def id_of(kind: str, named: Named) -> int:
    return exact(kind, named.id, named.admin_graphql_api_id)


def sku_of(told: Told, line: Line) -> str:
    """The merchant's sku, or Shopify's own name for what has none."""
    if line.sku:
        return line.sku
    if line.variant_id is not None:
        return told.name("variant", line.variant_id)
    return told.name("line", line.id)
