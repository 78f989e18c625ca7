"""What will become of an order as far as the world decides it, drawn when the order is placed."""

from dataclasses import dataclass
from random import Random

from deploy.simulate.sending import Label

DECLINED = 0.03
# a ring tries its cards first, and many are blocked already
TESTED_DECLINED, RING_DECLINED = 0.85, 0.1
PAID_LATE, PAID_TWICE = 0.03, 0.02
LATE_PAYMENT_S = (10.0, 20.0)
CANCELLED, RETURNED, CONFIRMED_HONEST = 0.04, 0.06, 0.3
ADMITS = {Label.RING: 0.3, Label.TAKEOVER: 0.6}
DUPLICATES, LATE, UNDECODABLE = 0.01, 0.01, 0.002
LATE_S = (2.0, 8.0)


@dataclass(frozen=True)
class Mishaps:
    """What transport does to a record.

    again_after_s: the same record comes once more, so many seconds later; None for not.
    late_by_s: its event_time lies so many seconds back. garbage: bytes that come along with it and
        do not decode; None for none.
    """

    again_after_s: float | None
    late_by_s: float
    garbage: bytes | None


@dataclass(frozen=True)
class Fate:
    """How everybody around the shop answers for one order; all `_s` are seconds of waiting.

    is_declined: by the payment provider. authorized_again_s: the provider says it a second time,
        as an event of its own, so long after the first; None for not.
    step_up: what the account's owner says when asked, LEGITIMATE or FRAUD; None for no answer.
    parcel_s: from the order to pick until PICKED, and on to PACKED, SHIPPED and DELIVERED.
    cancels_after_s: from the order until its customer wants out; None for never.
    returns_after_s, received_after_s: from the delivery until its customer asks to return it (None
        for never), and from there until the parcel is back.
    judged_after_s: from the delivery until the truth comes out, by a chargeback or a reviewer's
        word; None for never.
    """

    is_declined: bool
    authorized_s: float
    authorized_again_s: float | None
    captured_s: float
    refunded_s: float
    step_up: str | None
    step_up_s: float
    reviewed_s: float
    parcel_s: tuple[float, float, float, float]
    cancels_after_s: float | None
    returns_after_s: float | None
    received_after_s: float
    judged_after_s: float | None
    order_mishaps: Mishaps
    payment_mishaps: Mishaps


def fate(random: Random, label: Label, is_testing: bool) -> Fate:
    """Draw a fate. is_testing: the ring that it comes from still finds out which cards work."""
    honest = not label.is_fraud
    declined = DECLINED
    if label is Label.RING:
        declined = TESTED_DECLINED if is_testing else RING_DECLINED
    is_late = random.random() < PAID_LATE
    return Fate(
        is_declined=random.random() < declined,
        authorized_s=random.uniform(*LATE_PAYMENT_S) if is_late else random.uniform(0.05, 0.8),
        authorized_again_s=_perhaps(random, PAID_TWICE, 0.1, 5.0),
        captured_s=random.uniform(0.1, 0.8),
        refunded_s=random.uniform(0.1, 1.5),
        step_up="LEGITIMATE" if honest else "FRAUD" if random.random() < ADMITS[label] else None,
        step_up_s=random.uniform(1.0, 5.0),
        reviewed_s=random.uniform(2.0, 6.0),
        parcel_s=(
            random.uniform(0.5, 2.0),
            random.uniform(0.5, 2.0),
            random.uniform(1.0, 3.0),
            random.uniform(2.0, 5.0),
        ),
        cancels_after_s=_perhaps(random, CANCELLED if honest else 0.0, 0.2, 12.0),
        returns_after_s=_perhaps(random, RETURNED if honest else 0.0, 1.0, 4.0),
        received_after_s=random.uniform(1.0, 4.0),
        judged_after_s=_perhaps(random, CONFIRMED_HONEST if honest else 1.0, 2.0, 6.0),
        order_mishaps=_mishaps(random),
        payment_mishaps=_mishaps(random),
    )


def _mishaps(random: Random) -> Mishaps:
    return Mishaps(
        again_after_s=_perhaps(random, DUPLICATES, 0.0, 3.0),
        late_by_s=_perhaps(random, LATE, *LATE_S) or 0.0,
        garbage=b"\xff" + random.randbytes(20) if random.random() < UNDECODABLE else None,
    )


def _perhaps(random: Random, chance: float, low: float, high: float) -> float | None:
    """Draws as often whatever the chance, so that one fate does not shift another's numbers."""
    happens, value = random.random() < chance, random.uniform(low, high)
    return value if happens else None
