"""What a job looks at before it starts again: whether Kafka still has what it counts on."""

import time
from dataclasses import dataclass, field
from pathlib import Path

from connectors.errors import ShopstreamError
from connectors.transactions import METADATA, Fate, fates


@dataclass(frozen=True)
class OutageCheck:
    """Refuses to start again from a checkpoint of which Kafka has aborted a transaction.

    Flink would go on without the outputs in it, and say so in a log at most. Asked of Kafka only
    when the newest checkpoint in `checkpoints` is older than `timeout_ms`, which no transaction
    outlives. Checkpoints from before `submitted_at` (epoch s) are those of an earlier run, which
    whoever submits has looked at.
    """

    bootstrap: str
    checkpoints: Path
    timeout_ms: int
    submitted_at: float = field(default_factory=time.time)

    def __call__(self) -> None:
        """Raises ShopstreamError, which says what to do."""
        found = [
            (metadata.stat().st_mtime, metadata.parent)
            for metadata in self.checkpoints.glob(f"*/chk-*/{METADATA}")
        ]
        made_at, newest = max(found, default=(0.0, self.checkpoints))
        age_s = time.time() - made_at
        if made_at <= self.submitted_at or age_s * 1000 < self.timeout_ms:
            return
        lost = [
            transaction.transactional_id
            for transaction, fate in fates(self.bootstrap, newest).items()
            if fate is Fate.ABORTED
        ]
        if lost:
            raise ShopstreamError(
                f"the outage of {age_s:.0f} s was longer than the {self.timeout_ms / 1000:.0f} s "
                f"that transactions stay open: Kafka has aborted {', '.join(sorted(lost))} of "
                f"{newest.name}, and starting from it would lose what was written there. "
                "`shopstream stop` the job and `submit` it: it then starts from the one before"
            )
