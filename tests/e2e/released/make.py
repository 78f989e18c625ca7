"""`make released`: a savepoint of the inventory job, as this checkout writes it. Takes a minute."""

import sys
from pathlib import Path

from support.live_topics import LiveTopics
from support.released import SAVEPOINT, keep, send_history

from connectors.clock import now_ms
from connectors.settings import settings
from deploy.cluster import FlinkCluster
from deploy.stack.temporary import local_stack


def main() -> None:
    with local_stack(taskmanagers=1) as stack:
        stack.up()
        stack.demand("submit", "inventory", "--wait")
        topics = LiveTopics(["inventory.availability"])
        send_history(topics, now_ms())
        shelf = topics.seen["inventory.availability"]
        # committed, so that the savepoint counts on no transaction of a Kafka that is gone
        topics.wait_for(lambda: len(shelf) >= 3, "all to be decided")
        topics.close()
        taken = FlinkCluster(settings()).stop("inventory", savepoint=True)
        assert taken is not None
        keep(taken)
    size = sum(path.stat().st_size for path in Path(SAVEPOINT).iterdir())
    print(f"{SAVEPOINT} has {size:,} bytes", file=sys.stderr)


if __name__ == "__main__":
    main()
