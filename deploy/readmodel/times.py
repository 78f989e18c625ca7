"""Times as the tables have them: UTC, without a zone."""

from datetime import datetime, timedelta

_EPOCH = datetime(1970, 1, 1)


def utc(epoch_ms: int) -> datetime:
    """Of epoch milliseconds."""
    return _EPOCH + timedelta(milliseconds=epoch_ms)


def minute_of(epoch_ms: int) -> datetime:
    """When the minute of a moment began."""
    return utc(epoch_ms - epoch_ms % 60_000)


def spelt(epoch_ms: int | None) -> str | None:
    """As Flink casts a time to text, which is how JSON has it."""
    return None if epoch_ms is None else utc(epoch_ms).isoformat(" ", "milliseconds")
