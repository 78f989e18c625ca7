"""What Postgres keeps of its log for Connect, and how far Connect is behind."""

from dataclasses import dataclass
from typing import Final

import psycopg
from psycopg.rows import class_row

from connectors.cdc.tables import SCHEMA
from connectors.settings import Settings

PATIENCE_S: Final = 3
UNLIMITED_BYTES: Final = 2**30  # what is too much where Postgres sets no limit

_SLOT = """
SELECT
    slot.active,
    slot.wal_status AS state,
    coalesce(pg_wal_lsn_diff(pg_current_wal_lsn(), slot.confirmed_flush_lsn), 0)::bigint
        AS behind_bytes,
    coalesce(1000 * extract(epoch FROM reader.flush_lag), 0)::bigint AS behind_ms,
    coalesce(pg_wal_lsn_diff(pg_current_wal_lsn(), slot.restart_lsn), 0)::bigint AS held_bytes,
    pg_size_bytes(current_setting('max_slot_wal_keep_size')) AS limit_bytes
FROM pg_replication_slots AS slot
LEFT JOIN pg_stat_replication AS reader ON reader.pid = slot.active_pid
WHERE slot.slot_name = %s
"""


@dataclass(frozen=True)
class Replication:
    """The replication slot of change data capture.

    active: Connect reads from it. state: Postgres' `wal_status`; with `lost`, what Connect has not
    read is gone. behind_bytes, behind_ms: written, and not yet confirmed to be in Kafka.
    held_bytes: of the log, not deleted because of the slot; up to limit_bytes (-1: no limit).
    """

    active: bool
    state: str
    behind_bytes: int
    behind_ms: int
    held_bytes: int
    limit_bytes: int

    @property
    def endangered(self) -> bool:
        """Whether more than half of what may be held is, or all was lost."""
        limit = self.limit_bytes if self.limit_bytes >= 0 else UNLIMITED_BYTES
        return self.state == "lost" or 2 * self.held_bytes > limit

    def __str__(self) -> str:
        if self.state == "lost":
            return "lost: Postgres has deleted what Connect had not read"
        limit = f"at most {_megabytes(self.limit_bytes)}" if self.limit_bytes >= 0 else "any size"
        return (
            f"{'read' if self.active else 'not read'} by Connect, "
            f"{self.behind_bytes:,} bytes and {self.behind_ms} ms behind; holds "
            f"{_megabytes(self.held_bytes)} of the log, of {limit}"
        )


def replication(settings: Settings) -> Replication | None:
    """The slot as it is now; None if there is none, or no Postgres that answers."""
    try:
        with psycopg.connect(settings.postgres_dsn, connect_timeout=PATIENCE_S) as connection:
            cursor = connection.cursor(row_factory=class_row(Replication))
            return cursor.execute(_SLOT, [SCHEMA]).fetchone()
    except psycopg.Error:
        return None


def drop_lost_slot(settings: Settings) -> bool:
    """Drop a slot that Connect can no longer read from; False if it is not so."""
    found = replication(settings)
    if found is None or found.state != "lost":
        return False
    with psycopg.connect(settings.postgres_dsn, autocommit=True) as connection:
        connection.execute("SELECT pg_drop_replication_slot(%s)", [SCHEMA])
    return True


def _megabytes(size: int) -> str:
    return f"{size / 2**20:,.1f} MB"
