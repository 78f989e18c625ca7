"""The orders job: one saga an order, keyed by order_id, that loses nothing whatever fails."""

from connectors.settings import settings
from jobs.runtime.job import run
from udfs.orders.domain import ORDERS

DOMAINS = [ORDERS]


def main() -> None:
    run("orders", DOMAINS, settings())


if __name__ == "__main__":
    main()
