"""When to write to a customer: local time, quiet hours, and the hour in which they read.

The hour is chosen by Thompson sampling (W. R. Thompson, Biometrika 25, 1933; O. Chapelle and L. Li,
"An empirical evaluation of Thompson sampling", NIPS 2011): each hour of the day is an arm with a
Beta posterior of being read; one value is drawn of each, and the hour of the highest wins. So hours
that did well are taken most, and the others are still tried now and then. Draws are seeded by the
trigger's id: a replay draws the same.
"""

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from random import Random
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from udfs.engagement.state import short

HOUR_MS: Final = 3_600_000
MINUTE_MS: Final = 60_000
DAY_MIN: Final = 1440

PRIOR: Final = (1.0, 3.0)
"""Beta prior of an hour: one message read and three not, since about a quarter is a usual rate. A
more hopeful one would have every hour tried before any is believed in."""

NEIGHBOUR: Final = 0.5
"""What a message of the hour before or after counts: habits do not keep to the full hour."""

FULL: Final = 64
"""Messages of an hour at which all counts are halved, so that old habits fade."""


@lru_cache(maxsize=1024)
def zone(name: str) -> ZoneInfo:
    """The zone of an IANA name, which must be one."""
    return ZoneInfo(name)


class Day(NamedTuple):
    """A customer's day: the zone, and the quiet minutes [quiet_from, quiet_to) of a local day."""

    time_zone: str
    quiet_from: int
    quiet_to: int

    def local(self, time: int) -> datetime:
        """`time` (epoch ms) on the customer's clock."""
        return datetime.fromtimestamp(time / 1000, zone(self.time_zone))

    def quiet_for(self, time: int) -> int:
        """Milliseconds from `time` (epoch ms) until the quiet hours end; 0 outside of them."""
        at = self.local(time)
        passed = (at.hour * 60 + at.minute - self.quiet_from) % DAY_MIN
        length = (self.quiet_to - self.quiet_from) % DAY_MIN
        if passed >= length:
            return 0
        return (length - passed) * MINUTE_MS - time % MINUTE_MS


def best_moment(
    seed: str, start: int, end: int, day: Day, sent: Sequence[int], opened: Sequence[int]
) -> int | None:
    """The moment from `start` to `end` (epoch ms, both included) to write; None if all is quiet.

    Looks at most a day ahead, so each hour is a candidate once. Later hours are entered at a second
    that the seed decides: not everybody is to be written to at the full hour.

    sent, opened: messages by local hour.
    """
    candidates: dict[int, int] = {}
    time, last = start, min(end, start + 24 * HOUR_MS - 1)
    while time <= last:
        at = day.local(time)
        hour_end = time + HOUR_MS - (at.minute * MINUTE_MS + time % MINUTE_MS)
        limit = min(hour_end - 1, last)
        moment = _within(seed, time, limit, day, spread=time != start)
        if moment is not None:
            candidates.setdefault(at.hour, moment)
        time = hour_end
    if not candidates:
        return None
    best = max(candidates, key=lambda hour: (drawn(seed, hour, sent, opened), -hour))
    return candidates[best]


def _within(seed: str, first: int, limit: int, day: Day, *, spread: bool) -> int | None:
    """A moment from `first` to `limit` (epoch ms) that is not quiet."""
    first += day.quiet_for(first)
    if first > limit or day.quiet_for(first):
        return None
    moment = first + short(seed) % HOUR_MS if spread else first
    return first if moment > limit or day.quiet_for(moment) else moment


def drawn(seed: str, hour: int, sent: Sequence[int], opened: Sequence[int]) -> float:
    """A draw from the posterior of `hour` (0 to 23) being read."""
    read, all_ = (
        counts[hour] + NEIGHBOUR * (counts[hour - 1] + counts[(hour + 1) % 24])
        for counts in (opened, sent)
    )
    return Random(f"{seed}@{hour}").betavariate(PRIOR[0] + read, PRIOR[1] + max(0, all_ - read))


def counted(counts: bytes, hour: int) -> bytes:
    """The counts with one more in `hour`."""
    return counts[:hour] + bytes([counts[hour] + 1]) + counts[hour + 1 :]


def faded(counts: bytes) -> bytes:
    """The counts, halved."""
    return bytes(count // 2 for count in counts)
