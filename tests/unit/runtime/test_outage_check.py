"""What a job looks at before it starts again."""

import os
import time
from pathlib import Path

import pytest

from connectors.errors import ShopstreamError
from connectors.transactions import Fate, Prepared
from jobs.runtime import outage
from jobs.runtime.outage import OutageCheck

HOUR_S = 3600.0
LOST = Prepared("shopstream-inventory_outputs-0-1", 7)


@pytest.fixture
def aborted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Kafka has aborted what every checkpoint counts on."""
    monkeypatch.setattr(outage, "fates", lambda *_: {LOST: Fate.ABORTED})


def checkpoint(folder: Path, age_s: float) -> None:
    metadata = folder / "0af1" / "chk-12" / "_metadata"
    metadata.parent.mkdir(parents=True)
    metadata.touch()
    os.utime(metadata, (time.time() - age_s,) * 2)


@pytest.mark.usefixtures("aborted")
def test_an_outage_longer_than_transactions_live_stops_the_start_and_names_what_is_lost(
    tmp_path: Path,
) -> None:
    checkpoint(tmp_path, HOUR_S)
    check = OutageCheck("nowhere", tmp_path, 900_000, submitted_at=time.time() - 2 * HOUR_S)

    with pytest.raises(ShopstreamError, match=r"3600 s .* 900 s .*inventory_outputs-0-1.*chk-12"):
        check()


def test_after_a_short_outage_kafka_is_not_even_asked(tmp_path: Path) -> None:
    checkpoint(tmp_path, 60)
    OutageCheck("nowhere", tmp_path, 900_000, submitted_at=time.time() - HOUR_S)()


def test_the_first_start_goes_by_what_whoever_submitted_has_chosen(tmp_path: Path) -> None:
    checkpoint(tmp_path, HOUR_S)
    OutageCheck("nowhere", tmp_path, 900_000)()


def test_a_job_without_a_checkpoint_starts(tmp_path: Path) -> None:
    OutageCheck("nowhere", tmp_path / "none", 900_000, submitted_at=0)()
