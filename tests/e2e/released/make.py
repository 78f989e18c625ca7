"""`make released`: a savepoint of each job of the last release, as this checkout writes it.

Takes three minutes. With names of jobs, only theirs.
"""

import sys
from collections.abc import Callable, Sequence

from support.live_topics import LiveTopics
from support.released import DECIDING, PRODUCT, TELLING, keep, send_events

from connectors.clock import now_ms
from connectors.postgres import connected
from connectors.settings import settings
from deploy.cluster import FlinkCluster
from deploy.stack.temporary import local_stack

SHELF, LIFECYCLE = "inventory.availability", "orders.lifecycle"
PRICES, ARRIVALS, SESSIONS = "pricing.changes", "jobs.arrivals", "features.session"
PRODUCTS = "catalog.products"
OUTPUTS = (SHELF, LIFECYCLE, PRICES, ARRIVALS, SESSIONS, PRODUCTS)


def main(wanted: list[str]) -> None:
    for jobs, wait_for_all in ((DECIDING, wait_for_decisions), (TELLING, wait_for_tables)):
        if kept := [job for job in jobs if job in (wanted or jobs)]:
            make(jobs, kept, wait_for_all)


def make(
    jobs: Sequence[str], kept: Sequence[str], wait_for_all: Callable[[LiveTopics], None]
) -> None:
    """Run `jobs` on a stack of their own until they know everything; keep savepoints of some."""
    with local_stack() as stack:
        stack.up()
        topics = LiveTopics(OUTPUTS)
        at = now_ms()
        send_events(topics, at)
        stack.demand("submit", *jobs, "--wait")
        wait_for_all(topics)
        topics.close()
        for job in kept:
            taken = FlinkCluster(settings()).stop(job, savepoint=True)
            assert taken is not None
            print(f"the savepoint of {job} has {keep(job, taken, at):,} bytes", file=sys.stderr)


def wait_for_decisions(topics: LiveTopics) -> None:
    """Committed, so that the savepoints count on no transaction of a Kafka that is gone."""
    topics.wait_for(lambda: len(topics.seen[SHELF]) >= 3, "all stock to be decided")
    topics.wait_for(lambda: len(topics.seen[LIFECYCLE]) >= 2, "fraud to approve the order")
    topics.wait_for(lambda: topics.seen[PRICES], "the first prices")
    topics.wait_for(lambda: "engagement" in decided(topics), "the wish to be decided")
    topics.wait_for(lambda: topics.seen[SESSIONS], "the session of who wished")


def wait_for_tables(topics: LiveTopics) -> None:
    def told() -> set[str]:
        return {product["sku"] for product in topics.seen[PRODUCTS]}

    topics.wait_for(lambda: PRODUCT in told(), "the product")
    with connected(settings().postgres_dsn) as connection:
        asked = "SELECT FROM readmodel.kpis WHERE kpi = 'CART_RECOVERY'"
        topics.wait_for(lambda: connection.execute(asked).fetchone() is not None, "the message")


def decided(topics: LiveTopics) -> set[str]:
    """The domains that have decided something."""
    return {arrival["job"] for arrival in topics.seen[ARRIVALS]}


if __name__ == "__main__":
    main(sys.argv[1:])
