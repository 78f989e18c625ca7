"""The pace of sending, on a clock that only sleeping moves."""

import pytest

from deploy.simulate.sender import SLOT_S, paced


class Clock:
    def __init__(self) -> None:
        self.now = 100.0
        self.sleeps: list[float] = []

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.sleeps.append(seconds)
        self.now += seconds


@pytest.mark.parametrize("rate", [1, 7, 200, 2000, 20_000])
def test_events_are_sent_evenly_and_all_of_them(rate):
    clock = Clock()
    sent = 0
    for due in paced(rate, 3, clock, clock.sleep):
        sent += due
        on_time = (clock.now - 100.0) * rate
        assert on_time - rate * SLOT_S - 1 <= sent <= on_time + 1
    assert sent == 3 * rate
    assert min(clock.sleeps) >= SLOT_S


def test_a_sender_that_was_held_up_catches_up_at_once():
    clock = Clock()
    pace = paced(100, 2, clock, clock.sleep)
    assert next(pace) == 1
    clock.now += 1.0
    assert next(pace) == pytest.approx(100, abs=1)


def test_a_shop_that_stays_open_goes_on_at_its_pace():
    clock = Clock()
    pace = paced(100, 2, clock, clock.sleep, goes_on=lambda: clock.now < 105.0)
    assert sum(pace) == pytest.approx(500, abs=2)
