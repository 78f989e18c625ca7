"""What an answer means for what was sent, and for what is to be sent next."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from enum import StrEnum
from typing import Final

MOST_PATIENCE_S: Final = 3600.0
"""Who asks to be left alone for longer is asked again after this."""

_TRY_AGAIN: Final = frozenset({408, 409, 425})
_WRONG_CREDENTIALS: Final = frozenset({401, 403, 407})


class Outcome(StrEnum):
    """What became of a call."""

    DELIVERED = "delivered"
    LIMITED = "limited"
    """Too many calls: nothing is wrong with this one."""
    FAILED = "failed"
    """Perhaps another time; whether it was carried out is not known."""
    REFUSED = "refused"
    """This will never be taken, and the other end is well."""


@dataclass(frozen=True)
class Answer:
    """What came back.

    wait_s: seconds for which the other end wants no call at all, None if it does not say.
    left: how many calls it says may be made now, None if it does not say.
    """

    outcome: Outcome
    reason: str
    wait_s: float | None = None
    left: float | None = None


def of_response(status: int, headers: Mapping[str, str], now: datetime) -> Answer:
    """The meaning of an HTTP response; `headers` by lower-case name, `now` with a time zone.

    Honoured are Retry-After (RFC 9110, 10.2.3; seconds or a date), Shopify's call limit ("32/40":
    used and size), and RateLimit-Remaining with RateLimit-Reset (seconds).

    Wrong credentials fail rather than refuse: they are wrong for all, and can be set right.
    """
    if 200 <= status < 300:
        outcome = Outcome.DELIVERED
    elif status == 429:
        outcome = Outcome.LIMITED
    elif 400 <= status < 500 and status not in _TRY_AGAIN | _WRONG_CREDENTIALS:
        outcome = Outcome.REFUSED
    else:
        outcome = Outcome.FAILED
    left = _left(headers)
    wait_s = _retry_after_s(headers.get("retry-after"), now)
    if wait_s is None and left == 0:
        wait_s = _retry_after_s(headers.get("ratelimit-reset"), now)
    return Answer(outcome, f"status {status}", wait_s, left)


def _left(headers: Mapping[str, str]) -> float | None:
    used, _, size = headers.get("x-shopify-shop-api-call-limit", "").partition("/")
    if used.strip().isdecimal() and size.strip().isdecimal():
        return max(0.0, float(size) - float(used))
    remaining = headers.get("ratelimit-remaining", "")
    return float(remaining) if remaining.isdecimal() else None


def _retry_after_s(value: str | None, now: datetime) -> float | None:
    if value is None:
        return None
    try:
        return _bounded(float(value))  # also "2.0", as Shopify writes it
    except ValueError:
        pass
    try:
        until = parsedate_to_datetime(value)
    except ValueError:
        return None
    if until.tzinfo is None:  # "-0000": of no known zone, which is nearly always UTC
        until = until.replace(tzinfo=UTC)
    return _bounded((until - now).total_seconds())


def _bounded(seconds: float) -> float:
    return max(0.0, seconds) if seconds < MOST_PATIENCE_S else MOST_PATIENCE_S
