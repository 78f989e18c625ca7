"""`make released`: a savepoint of each job of the last release, as this checkout writes it.

Takes a minute.
"""

import sys

from support.live_topics import LiveTopics
from support.released import JOBS, ORDER, keep, placed, send_stock

from connectors.clock import now_ms
from connectors.settings import settings
from deploy.cluster import FlinkCluster
from deploy.stack.temporary import local_stack

SHELF, LIFECYCLE = "inventory.availability", "orders.lifecycle"


def main() -> None:
    with local_stack() as stack:
        stack.up()
        stack.demand("submit", *JOBS, "--wait")
        topics = LiveTopics([SHELF, LIFECYCLE])
        send_stock(topics, now_ms())
        topics.send("orders.initiated", placed("released-placed", ORDER, now_ms()))
        # committed, so that the savepoints count on no transaction of a Kafka that is gone
        topics.wait_for(lambda: len(topics.seen[SHELF]) >= 3, "all stock to be decided")
        topics.wait_for(lambda: len(topics.seen[LIFECYCLE]) >= 2, "fraud to approve the order")
        topics.close()
        for job in JOBS:
            taken = FlinkCluster(settings()).stop(job, savepoint=True)
            assert taken is not None
            print(f"the savepoint of {job} has {keep(job, taken):,} bytes", file=sys.stderr)


if __name__ == "__main__":
    main()
