"""The pricing job: the price of every sku, keyed by sku.

Beside it two smaller domains measure price experiments: by visitor, and then by experiment.
"""

from connectors.settings import settings
from jobs.runtime.job import run
from udfs.pricing.domain import EXPERIMENT_RESULTS, EXPOSURES, PRICING

DOMAINS = [PRICING, EXPOSURES, EXPERIMENT_RESULTS]


def main() -> None:
    run("pricing", DOMAINS, settings())


if __name__ == "__main__":
    main()
