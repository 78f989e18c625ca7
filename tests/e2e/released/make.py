"""`make released`: a savepoint of each job of the last release, as this checkout writes it.

Takes a minute. With names of jobs, only theirs.
"""

import sys

from support.live_topics import LiveTopics
from support.released import JOBS, keep, send_events

from connectors.clock import now_ms
from connectors.settings import settings
from deploy.cluster import FlinkCluster
from deploy.stack.temporary import local_stack

SHELF, LIFECYCLE = "inventory.availability", "orders.lifecycle"
PRICES, ARRIVALS, SESSIONS = "pricing.changes", "jobs.arrivals", "features.session"


def main(wanted: list[str]) -> None:
    with local_stack() as stack:
        stack.up()
        stack.demand("submit", *JOBS, "--wait")
        topics = LiveTopics([SHELF, LIFECYCLE, PRICES, ARRIVALS, SESSIONS])
        at = now_ms()
        send_events(topics, at)
        # committed, so that the savepoints count on no transaction of a Kafka that is gone
        topics.wait_for(lambda: len(topics.seen[SHELF]) >= 3, "all stock to be decided")
        topics.wait_for(lambda: len(topics.seen[LIFECYCLE]) >= 2, "fraud to approve the order")
        topics.wait_for(lambda: topics.seen[PRICES], "the first prices")
        topics.wait_for(lambda: "engagement" in decided(topics), "the wish to be decided")
        topics.wait_for(lambda: topics.seen[SESSIONS], "the session of who wished")
        topics.close()
        for job in wanted or JOBS:
            taken = FlinkCluster(settings()).stop(job, savepoint=True)
            assert taken is not None
            print(f"the savepoint of {job} has {keep(job, taken, at):,} bytes", file=sys.stderr)


def decided(topics: LiveTopics) -> set[str]:
    """The domains that have decided something."""
    return {arrival["job"] for arrival in topics.seen[ARRIVALS]}


if __name__ == "__main__":
    main(sys.argv[1:])
