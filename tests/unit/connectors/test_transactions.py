"""What is told of Kafka's transactions: what a checkpoint counts on, and what became of it."""

import struct
from pathlib import Path

import pytest
from kafka.admin import TransactionDescription, TransactionState

from connectors.transactions import Fate, OpenTransaction, Prepared, fate_of, prepared_in

ONGOING, COMMITTED, ABORTED = (
    TransactionState.ONGOING,
    TransactionState.COMPLETE_COMMIT,
    TransactionState.COMPLETE_ABORT,
)
NAME = "shopstream-inventory_outputs-0-3"
MADE_AT = 1_800_000_000_000


def written(name: str, producer_id: int, epoch: int) -> bytes:
    """As the connector's serializer writes a prepared transaction, and Flink a list of such."""
    prepared = struct.pack(">hqH", epoch, producer_id, len(name)) + name.encode()
    return struct.pack(">i", len(prepared)) + prepared


def now(state: TransactionState, began: int) -> TransactionDescription:
    return TransactionDescription(0, state, 77, 5, 900_000, began, set())


def test_a_checkpoints_transactions_are_found_in_its_files(tmp_path: Path) -> None:
    other = "shopstream-orders_outputs-1-12"
    (tmp_path / "_metadata").write_bytes(b"\0state" + written(NAME, 77, 5) + b"\0\0more")
    (tmp_path / "b1946ac9").write_bytes(written(other, 2**40, 0) + written(NAME, 77, 5))

    assert prepared_in(tmp_path) == {Prepared(NAME, 77), Prepared(other, 2**40)}


def test_a_name_without_its_producer_is_no_prepared_transaction(tmp_path: Path) -> None:
    elsewhere = struct.pack(">H", len(NAME)) + NAME.encode() + struct.pack(">q", 12)
    prefix = b"\xff" * 12 + b"\x00\x10shopstream-alone"
    (tmp_path / "_metadata").write_bytes(elsewhere + prefix)

    assert prepared_in(tmp_path) == set()


@pytest.mark.parametrize(
    ("state", "fate"),
    [
        (ONGOING, Fate.OPEN),
        (TransactionState.PREPARE_EPOCH_FENCE, Fate.OPEN),
        (COMMITTED, Fate.COMMITTED),
        (TransactionState.PREPARE_COMMIT, Fate.COMMITTED),
        (ABORTED, Fate.ABORTED),
        (TransactionState.PREPARE_ABORT, Fate.ABORTED),
    ],
)
def test_what_kafka_says_of_the_name_is_what_became_of_the_transaction(
    state: TransactionState, fate: Fate
) -> None:
    assert fate_of(now(state, began=MADE_AT - 900), MADE_AT) is fate


@pytest.mark.parametrize("state", [ONGOING, ABORTED, COMMITTED])
def test_a_name_that_was_used_again_was_committed_before(state: TransactionState) -> None:
    assert fate_of(now(state, began=MADE_AT + 1), MADE_AT) is Fate.COMMITTED


def test_an_open_transaction_says_whom_it_keeps_from_what_and_for_how_long() -> None:
    left = OpenTransaction("someone-1", 75.2, 900, {"orders.commands[2]": 1204})

    assert str(left) == (
        "someone-1 has been open for 75 s and keeps readers from orders.commands[2] (1,204 "
        "records), until 900 s are over"
    )
