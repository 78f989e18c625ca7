"""The engagement job: messages to customers at the right moment, each once, keyed by customer."""

from connectors.settings import settings
from jobs.runtime.job import run
from udfs.engagement.domain import ENGAGEMENT

DOMAINS = [ENGAGEMENT]


def main() -> None:
    run("engagement", DOMAINS, settings())


if __name__ == "__main__":
    main()
