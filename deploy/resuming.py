"""Which savepoint or checkpoint a job resumes from, so that none of its outputs is lost."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

from connectors.errors import ShopstreamError
from connectors.transactions import METADATA, Fate, Prepared

FatesOf = Callable[[Path], Mapping[Prepared, Fate]]


class Resumption(NamedTuple):
    """`passed_over`: a newer checkpoint, all of whose open outputs Kafka has aborted."""

    state: Path
    passed_over: Path | None = None


def resumption(newest: Path, fates_of: FatesOf) -> Resumption:
    """From `newest`, unless Kafka has aborted transactions that it counts on.

    If it has aborted all of them, nobody has read anything that was written after the checkpoint
    before: from there the same is decided and written again, and nothing is lost. If others were
    committed, that would write those a second time, and there is no way without loss.

    Raises ShopstreamError if so, or if there is no checkpoint before.
    """
    fates = list(fates_of(newest).values())
    aborted = fates.count(Fate.ABORTED)
    if not aborted:
        return Resumption(newest)
    what = (
        f"Kafka has aborted {aborted} of the {len(fates)} transactions that {newest} counts on, as "
        "they were open for longer than their timeout"
    )
    otherwise = "`submit --accept-loss` goes on without what they held"
    if Fate.COMMITTED in fates:
        raise ShopstreamError(
            f"{what}, and committed others: resuming from it would lose the one, and from the "
            f"checkpoint before write the other twice. {otherwise}"
        )
    before = _before(newest)
    if before is None or Fate.ABORTED in fates_of(before).values():
        raise ShopstreamError(f"{what}, and there is no checkpoint before it. {otherwise}")
    return Resumption(before, newest)


def _before(checkpoint: Path) -> Path | None:
    """The last complete checkpoint of the same run before this one."""
    numbers = {
        int(metadata.parent.name.removeprefix("chk-")): metadata.parent
        for metadata in checkpoint.parent.glob(f"chk-*/{METADATA}")
    }
    own = next((number for number, folder in numbers.items() if folder == checkpoint), 0)
    return numbers[max(earlier)] if (earlier := [n for n in numbers if n < own]) else None
