"""The fraud job: a score for every order, by its device and card and then by its customer.

How the rules did, once the truth is known, is counted by a second domain beside it.
"""

from connectors.settings import settings
from jobs.runtime.job import run
from udfs.fraud.domain import FRAUD, PERFORMANCE

DOMAINS = [FRAUD, PERFORMANCE]


def main() -> None:
    run("fraud", DOMAINS, settings())


if __name__ == "__main__":
    main()
