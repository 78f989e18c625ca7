"""Labelled transactions: how they are read, and how quality is figured."""

import gzip
import os
from pathlib import Path

import numpy as np
import pytest
from checkout import NOON

from bench.fraud_quality import Quality, fitted_weights, precision_at, roc_auc, run
from bench.labelled import transactions
from connectors.errors import ShopstreamError

SHARED = Path(os.environ.get("SHOPSTREAM_SHARED_DATA", "../shared/data")) / "fraud"
HEADER = "TRANSACTION_ID,TX_DATETIME,CUSTOMER_ID,TERMINAL_ID,TX_AMOUNT,TX_FRAUD"


def written(path: Path, *lines: str) -> Path:
    with gzip.open(path, "wt") as file:
        file.write("\n".join(lines))
    return path


def of(*values: float) -> np.ndarray:
    return np.array(values)


@pytest.mark.parametrize(
    ("scores", "auc"),
    [
        (of(1, 2, 3, 4), 1.0),
        (of(4, 3, 2, 1), 0.0),
        (of(7, 7, 7, 7), 0.5),
        (of(1, 3, 2, 4), 0.75),
        (of(1, 2, 2, 4), 0.875),
    ],
)
def test_the_auc_is_the_share_of_pairs_in_the_right_order_with_ties_as_halves(scores, auc):
    assert roc_auc(scores, of(0, 0, 1, 1).astype(bool)) == auc


def test_precision_takes_of_a_tie_at_the_end_as_much_as_fits():
    frauds = of(1, 1, 0, 0, 0, 0, 0, 0, 0, 0).astype(bool)
    scores = of(9, 5, 5, 5, 5, 1, 1, 1, 1, 1)
    assert precision_at(0.1, scores, frauds) == 1.0
    assert precision_at(0.3, scores, frauds) == pytest.approx((1 + 2 * 1 / 4) / 3)
    assert precision_at(0.001, scores, frauds) == 1.0


def test_weights_are_fitted_to_the_rule_that_tells_fraud_and_again_the_same():
    frauds = np.arange(1_000) % 100 == 0
    shown = np.zeros((1_000, 12), dtype=np.int64)
    shown[:, 8] = np.where(frauds, 99, 0)
    shown[:, 5] = np.where(frauds, 0, 99)

    weights = fitted_weights(shown, frauds, seed=1)

    assert weights[8] > weights[5] == 0
    assert weights == fitted_weights(shown, frauds, seed=1)


def test_a_transaction_becomes_an_order_by_card_and_terminal(tmp_path):
    path = written(tmp_path / "tx.csv.gz", HEADER, "7,2026-01-05 12:00:00,3,8,75.81,1")
    ((order, is_fraud),) = transactions(path)
    assert is_fraud
    assert (order.order_id, order.customer_id, order.device_id) == ("7", "3", "8")
    assert (order.card_fingerprint, order.amount_minor, order.event_time) == ("3", 7581, NOON)


def test_a_file_of_another_layout_is_refused_with_what_it_lacks(tmp_path):
    path = written(tmp_path / "tx.csv.gz", "TRANSACTION_ID,TX_DATETIME", "7,2026-01-05 12:00:00")
    with pytest.raises(ShopstreamError, match="CUSTOMER_ID, TERMINAL_ID, TX_AMOUNT, TX_FRAUD"):
        list(transactions(path))


def test_a_file_without_frauds_is_refused(tmp_path):
    rows = [f"{n},2026-01-0{n} 12:00:00,3,8,75.81,0" for n in range(1, 9)]
    path = written(tmp_path / "tx.csv.gz", HEADER, *rows)
    with pytest.raises(ShopstreamError, match="both halves"):
        run(path)


@pytest.mark.shared_data
def test_rules_rank_the_transactions_of_others_better_than_the_amount_alone():
    files = sorted(SHARED.glob("*_tx_*.csv.gz"))
    if not files:
        pytest.skip(f"no labelled transactions in {SHARED}")

    report = run(files[0], one_in=8)

    assert isinstance(report.rules, Quality)
    assert report.rules.auc > report.baseline.auc
    assert report.rules.precision_at_5_percent > report.baseline.precision_at_5_percent
