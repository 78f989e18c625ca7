"""Times as they are typed: a moment of UTC, or how long ago."""

import re
from datetime import UTC, datetime

from connectors.errors import ShopstreamError

SYNTAX = "now, a time ago such as -90s, -15m, -2h or -3d, UTC as 2026-11-25T14:30[:05], or epoch ms"
_UNITS_MS = {"s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}


def moment(text: str, now: int) -> int:
    """The epoch ms of what was typed at `now` (epoch ms).

    Raises ShopstreamError, naming what is expected, for anything else.
    """
    if text == "now":
        return now
    if ago := re.fullmatch(r"-(\d+)([smhd])", text):
        return now - int(ago[1]) * _UNITS_MS[ago[2]]
    if re.fullmatch(r"\d{12,}", text):
        return int(text)
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise ShopstreamError(f"expected a time: {SYNTAX}; came {text!r}") from None
    return round((at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp() * 1000)


def shown(at: int) -> str:
    """An epoch ms for a person: UTC to the millisecond."""
    return datetime.fromtimestamp(at / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S.%f")[:-3]
