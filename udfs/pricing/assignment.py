"""Price experiments: what a record may say, and which visitor is in which arm."""

from collections.abc import Iterable
from hashlib import blake2b
from typing import Annotated, Final

import msgspec

from udfs.pricing.events import Id, Time

_WHOLE: Final = 1 << 64


class Arm(msgspec.Struct, frozen=True):
    """One way to price: `price_pct` per cent on top of the price before promotions."""

    arm_id: Id
    price_pct: Annotated[float, msgspec.Meta(ge=-90, le=100)] = 0.0
    weight: Annotated[int, msgspec.Meta(ge=1, le=1_000)] = 1


class Experiment(msgspec.Struct, frozen=True, kw_only=True):
    """A price experiment on a sku, a category or all, from `starts_at` until before `ends_at`.

    traffic_share: part of all visitors that takes part. arms: the first is the control. Arms and
    scope of an experiment_id never change; its share may grow, and its time may.
    """

    event_id: Id
    event_time: Time
    experiment_id: Id
    arms: Annotated[tuple[Arm, ...], msgspec.Meta(min_length=2, max_length=8)]
    traffic_share: Annotated[float, msgspec.Meta(ge=0.1, le=0.2)]
    starts_at: Time
    ends_at: Time
    sku: Id | None = None
    category: Id | None = None
    planned_visitors: Annotated[int, msgspec.Meta(ge=100, le=1_000_000_000)] = 10_000

    def __post_init__(self) -> None:
        if len({arm.arm_id for arm in self.arms}) < len(self.arms):
            raise ValueError("expected arms with different ids")
        if self.arms[0].price_pct != 0:
            raise ValueError(
                f"expected the first arm to be the control with a price_pct of 0, came "
                f"{self.arms[0].price_pct}"
            )
        if self.sku is not None and self.category is not None:
            raise ValueError("expected a sku or a category or neither, came both")

    def is_about(self, sku: str, category: str | None) -> bool:
        """Whether it is about the sku, which is of `category`."""
        if self.sku is not None:
            return self.sku == sku
        return self.category is None or self.category == category

    def arm_of(self, visitor_id: str) -> Arm | None:
        """The visitor's arm; None for one who does not take part.

        A function of experiment and visitor alone. Two halves of one hash decide whether and
        where, so that a share that grows moves nobody to another arm.
        """
        name = f"{len(self.experiment_id)}:{self.experiment_id}{visitor_id}".encode()
        digest = blake2b(name, digest_size=16).digest()
        if int.from_bytes(digest[:8]) >= self.traffic_share * _WHOLE:
            return None
        point = int.from_bytes(digest[8:]) * sum(arm.weight for arm in self.arms)
        for arm in self.arms:
            point -= arm.weight * _WHOLE
            if point < 0:
                return arm
        raise AssertionError("the weights add up to the whole")


def assigned(
    experiments: Iterable[Experiment], sku: str, category: str | None, visitor_id: str, at: int
) -> tuple[Experiment, Arm] | None:
    """The one experiment that prices the sku for the visitor at `at` (epoch ms), and the arm.

    Where several are about the sku, a visitor who takes part in an earlier one (then: of smaller
    id) is in no later one: so each compares visitors that no other treats.
    """
    running = [
        experiment
        for experiment in experiments
        if experiment.starts_at <= at < experiment.ends_at and experiment.is_about(sku, category)
    ]
    running.sort(key=lambda experiment: (experiment.starts_at, experiment.experiment_id))
    for experiment in running:
        arm = experiment.arm_of(visitor_id)
        if arm is not None:
            return experiment, arm
    return None
