"""The inventory job: reservations that never oversell, keyed by sku."""

from connectors.settings import settings
from jobs.runtime.job import run
from udfs.inventory.domain import INVENTORY

DOMAINS = [INVENTORY]


def main() -> None:
    run("inventory", DOMAINS, settings())


if __name__ == "__main__":
    main()
