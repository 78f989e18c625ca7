"""`make released`: the state of the inventory operator as a checkout writes it.

    cd CHECKOUT; PYTHONPATH=.:tests python .../tests/harness/released/make.py

Run it in a checkout of the release that later code has to go on from; takes a second.
"""

import sys
from pathlib import Path

from support.decisions import DecisionHarness
from support.stockroom import NOON, committed, reserve, restocked

from udfs.inventory.domain import INVENTORY

SNAPSHOT = Path(__file__).with_name("inventory.snapshot")


def main() -> None:
    """Mugs are sold out, and two cups are reserved."""
    harness = DecisionHarness(INVENTORY, NOON)
    harness.send(
        {**restocked("berlin", 3, sku="mug"), "event_id": "mugs"},
        reserve("r1", 3, sku="mug"),
        committed("r1", sku="mug"),
        restocked("lyon", 5, sku="cup"),
        reserve("r2", 2, sku="cup"),
    )
    SNAPSHOT.write_bytes(harness.flink.snapshot())
    print(f"{SNAPSHOT} has {SNAPSHOT.stat().st_size:,} bytes", file=sys.stderr)


if __name__ == "__main__":
    main()
