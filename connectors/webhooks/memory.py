"""What the gateway remembers: deliveries that it has written, and what shops said there was.

Both are folds of topics that are written in the same transactions as the events, so that after a
crash they are again what was written. The writer's thread changes them, the receiver's reads.
"""

import hashlib

from connectors.webhooks.snapshots import Known, Remember

HOUR_MS = 3_600_000
CART_MS = 30 * 24 * HOUR_MS
"""How long a cart that nobody changes is remembered."""


class Deliveries:
    """The ids of deliveries of the last `hours` hours, by the hour: 16 bytes of a hash each."""

    def __init__(self, hours: int) -> None:
        self._span_ms = hours * HOUR_MS
        self._hours: dict[int, set[int]] = {}

    def __len__(self) -> int:
        return sum(map(len, tuple(self._hours.values())))

    def __contains__(self, delivery: object) -> bool:
        digest = _digest(str(delivery))
        return any(digest in hour for hour in tuple(self._hours.values()))

    def add(self, delivery: str, at_ms: int) -> None:
        """Remember a delivery that was written at `at_ms`, and forget what is too old then."""
        hour = self._hours.get(at_ms // HOUR_MS)
        if hour is None:
            hour = self._hours[at_ms // HOUR_MS] = set()
            oldest = self.oldest_ms(max(self._hours) * HOUR_MS) // HOUR_MS
            for past in [past for past in self._hours if past < oldest]:
                del self._hours[past]
        hour.add(_digest(delivery))

    def oldest_ms(self, now_ms: int) -> int:
        """Since when deliveries are remembered at `now_ms`."""
        return now_ms - self._span_ms


class Snapshots:
    """The latest of every subject: items' skus, levels, carts."""

    def __init__(self) -> None:
        self._known: dict[str, Known] = {}

    def __len__(self) -> int:
        return len(self._known)

    def get(self, subject: str) -> Known | None:
        return self._known.get(subject)

    def update(self, remember: Remember) -> None:
        self._known.update(remember)

    def forget_carts(self, now_ms: int) -> None:
        """Forget the carts that nobody has changed for `CART_MS`."""
        self._known = {
            subject: known
            for subject, known in self._known.items()
            if known.at > now_ms - CART_MS or "|cart|" not in subject
        }


def _digest(delivery: str) -> int:
    return int.from_bytes(hashlib.blake2b(delivery.encode(), digest_size=16).digest(), "big")
