"""What holds whatever is proposed, and for any stream of events."""

from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.price_desk import (
    NOON,
    Desk,
    availability,
    competitor,
    demand,
    policy,
    promotion,
    seconds,
)

from udfs.pricing.guardrails import bounded, dispose
from udfs.pricing.policy import PricePolicy, Terms, terms_of
from udfs.pricing.quote import Customer

prices = st.integers(1, 10_000)


@st.composite
def terms(draw: st.DrawFn) -> Terms:
    floor, base, ceiling = sorted(draw(st.tuples(prices, prices, prices)))
    return Terms(
        version=1,
        currency="EUR",
        category=None,
        base_minor=base,
        floor_minor=floor,
        ceiling_minor=ceiling,
        cost_minor=draw(st.integers(1, ceiling)),
        margin_pct=draw(st.floats(0, 100)),
        max_step_pct=draw(st.floats(0.01, 100)),
        cooldown_s=draw(st.integers(1, 600)),
    )


@settings(max_examples=500)
@given(terms(), prices, prices, st.integers(0, 1_000_000), st.integers(0, 1_000_000))
def test_a_disposed_price_respects_every_guardrail(
    terms: Terms, current: int, proposed: int, changed_at: int, at: int
):
    price, again_at, limits = dispose(terms, current, changed_at, proposed, at)

    assert terms.lowest_minor <= price <= terms.ceiling_minor
    assert price >= terms.floor_minor
    assert price >= terms.cost_minor
    target = bounded(terms, proposed)[0]
    assert abs(target - price) <= abs(target - current) or price == bounded(terms, current)[0]
    if bounded(terms, current)[0] == current and price != current:
        assert abs(price - current) <= max(1, current * terms.max_step_pct / 100)
        assert at >= changed_at + terms.cooldown_s * 1000
    assert (again_at is None) == (price == target)
    assert again_at is None or again_at > at
    assert price == proposed or limits or again_at is not None


@st.composite
def events(draw: st.DrawFn) -> list[dict[str, Any]]:
    """An hour or two of a sku: policies, demand, stock, competitors, promotions; some late."""
    at, stream = NOON, []
    for version in range(1, 1 + draw(st.integers(1, 25))):
        at += draw(st.integers(0, 400_000))
        moment = max(NOON, at - draw(st.sampled_from([0, 0, 0, 90_000])))
        match draw(st.sampled_from("pddaaccr" if stream else "p")):
            case "p":
                floor, base, ceiling = sorted(draw(st.tuples(prices, prices, prices)))
                bounds = {"floor_minor": floor, "base_minor": base, "ceiling_minor": ceiling}
                cost = draw(st.integers(1, ceiling))
                limits = {"cooldown_s": draw(st.sampled_from([1, 60, 300]))}
                limits["max_step_pct"] = draw(st.sampled_from([0.5, 5.0, 50.0]))
                stream.append(
                    policy(at=moment, version=version, cost_minor=cost, **bounds, **limits)
                )
            case "d":
                stream.append(demand(draw(st.floats(0, 5)), moment))
            case "a":
                stream.append(availability(draw(st.integers(0, 20)), version, moment))
            case "c":
                name = draw(st.sampled_from(["one", "two"]))
                stream.append(competitor(draw(prices), moment, name))
            case "r":
                starts_at = at + draw(st.integers(-100_000, 400_000))
                ends_at = starts_at + draw(st.integers(1, 400_000))
                fields = {
                    "percent": draw(st.floats(0.5, 100)),
                    "stackable": draw(st.booleans()),
                    "loyalty_tier": draw(st.sampled_from([None, None, "GOLD"])),
                }
                name = draw(st.sampled_from(["x", "y", "z"]))
                stream.append(promotion(name, starts_at, ends_at, at=moment, **fields))
    return stream


def in_force(change: dict, policies: list[dict]) -> dict:
    return next(p for p in policies if p["version"] == change["policy_version"])


@settings(max_examples=300, deadline=None)
@given(events(), st.booleans())
def test_no_stream_of_events_leads_to_a_price_outside_of_its_policy(
    stream: list[dict], is_prompt: bool
):
    desk = Desk()
    for record in stream:
        if is_prompt:
            desk.advance(record["event_time"])
        desk.send(record)
        gold = desk.quote(record["event_time"], "v", Customer("ada", "GOLD"))
        assert gold.price_minor >= desk.changes()[-1]["lowest_minor"]
    desk.advance(stream[-1]["event_time"] + seconds(100_000))

    policies = [record for record in stream if "base_minor" in record]
    before, regular_at = None, 0
    for number, change in enumerate(desk.changes(), 1):
        rule = in_force(change, policies)
        assert change["number"] == number
        for price in (change["new_minor"], change["regular_minor"]):
            assert price >= rule["floor_minor"]
            assert price >= rule["cost_minor"]
            assert price <= rule["ceiling_minor"]
        assert change["old_minor"] == (None if before is None else before["new_minor"])
        if before is not None and change["regular_minor"] != before["regular_minor"]:
            moved = abs(change["regular_minor"] - before["regular_minor"])
            if "POLICY_CHANGED" not in change["reasons"]:
                assert moved <= max(1, before["regular_minor"] * rule["max_step_pct"] / 100)
                assert change["event_time"] >= regular_at + rule["cooldown_s"] * 1000
            regular_at = change["event_time"]
        elif before is None:
            regular_at = change["event_time"]
        before = change


@settings(max_examples=100, deadline=None)
@given(events())
def test_when_nothing_more_happens_the_price_comes_to_rest_at_its_base(stream: list[dict]):
    desk = Desk()
    desk.send(*stream)
    last = [record for record in stream if "base_minor" in record][-1]
    restocked = availability(50, 1_000, stream[-1]["event_time"])
    desk.send(restocked)

    desk.advance(stream[-1]["event_time"] + seconds(10_000_000))

    state = desk.driver.state("mug")
    resting = bounded(terms_of(state.policy, None), last["base_minor"])[0]
    assert desk.price() == desk.changes()[-1]["regular_minor"] == resting
    desk.driver.assert_no_wake_ups_left()


@settings(max_examples=100, deadline=None)
@given(events())
def test_it_does_not_matter_how_long_wake_ups_are_in_coming(stream: list[dict]):
    prompt, slow = Desk(), Desk()
    clock = 0
    for record in stream:
        clock = max(clock, record["event_time"] - 1)
        prompt.advance(clock)
        prompt.send(record)
        slow.send(record)
    end = stream[-1]["event_time"] + seconds(100_000)
    prompt.advance(end)
    slow.advance(end)

    def told(desk: Desk) -> list[dict]:
        return [{**change, "cause": ""} for change in desk.changes()]

    assert told(prompt) == told(slow)


@pytest.mark.parametrize(
    ("floor", "cost", "margin", "proposed", "expected"),
    [
        (800, 600, 10.0, 799, (800, ("FLOOR",))),
        (800, 600, 10.0, 800, (800, ())),
        (800, 900, 0.0, 899, (900, ("COST",))),
        (800, 900, 10.0, 989, (990, ("MARGIN",))),
        (800, 901, 10.0, 0, (992, ("MARGIN",))),
        (800, 1_250, 10.0, 0, (1_300, ("MARGIN",))),
        (800, 600, 10.0, 1_300, (1_300, ())),
        (800, 600, 10.0, 1_301, (1_300, ("CEILING",))),
    ],
)
def test_a_proposal_is_bounded_to_the_unit(
    floor: int, cost: int, margin: float, proposed: int, expected: tuple
):
    rule = policy(floor_minor=floor, cost_minor=cost, margin_pct=margin)
    assert bounded(terms_of(msgspec.convert(rule, PricePolicy), None), proposed) == expected
