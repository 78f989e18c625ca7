"""A registry that does not answer yet is waited for, aloud."""

import pytest

from connectors import registry
from connectors.codec import RegistryUnavailableError
from connectors.registry import Registry


class Clock:
    """Time that passes only while somebody sleeps."""

    def __init__(self) -> None:
        self.now_s = 0.0
        self.slept: list[float] = []

    def monotonic(self) -> float:
        return self.now_s

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now_s += seconds


@pytest.fixture
def clock(monkeypatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(registry, "time", clock)
    return clock


def silent_for(monkeypatch, times: int) -> None:
    answers = iter([RegistryUnavailableError("no schema registry answers")] * times)

    def lookup(_, __) -> None:
        if (error := next(answers, None)) is not None:
            raise error

    monkeypatch.setattr(Registry, "lookup", lookup)


def test_one_that_answers_is_not_waited_for(monkeypatch, clock):
    silent_for(monkeypatch, 0)
    Registry("http://r").wait(pytest.fail)
    assert clock.slept == []


def test_one_that_does_not_is_asked_again_ever_less_often_and_each_time_it_is_said(
    monkeypatch, clock
):
    silent_for(monkeypatch, 7)
    said: list[str] = []
    Registry("http://r").wait(said.append)
    assert clock.slept == [0.5, 1, 2, 4, 8, 10, 10]
    assert said[0] == "no schema registry answers; asking again in 0.5 s"
    assert len(said) == 7


def test_it_is_given_up_in_the_end(monkeypatch, clock):
    silent_for(monkeypatch, 1_000)
    with pytest.raises(RegistryUnavailableError):
        Registry("http://r").wait(lambda _: None)
    assert clock.now_s <= registry.PATIENCE_S
