"""How good decisions are, counted where it is known what the orders were."""

import pytest

from deploy.audit.fraud import quality

LABELS = {
    "h1": "HONEST",
    "h2": "HONEST",
    "h3": "HABIT_CHANGE",
    "h4": "HABIT_CHANGE",
    "f1": "RING",
    "f2": "RING",
    "f3": "TAKEOVER",
    "f4": "TAKEOVER",
    "lost": "HONEST",
}


def decided(**bands: str) -> list[dict[str, str]]:
    return [{"order_id": order_id, "band": band} for order_id, band in bands.items()]


def test_it_counts_bands_by_label_and_what_was_not_simply_approved():
    found = quality(
        decided(
            h1="APPROVE", h2="APPROVE", h3="APPROVE", h4="STEP_UP",
            f1="DECLINE", f2="DECLINE", f3="REVIEW", f4="APPROVE", unlabelled="DECLINE",
        ),
        LABELS,
    )  # fmt: skip
    assert found.row("APPROVE") == [2, 1, 0, 1]
    assert found.row("DECLINE") == [0, 0, 2, 0]
    assert (found.catch_rate, found.false_positive_rate) == (0.75, 0.25)
    assert found.undecided == 1
    assert found.as_dict()["bands"]["STEP_UP"] == {
        "HONEST": 0, "HABIT_CHANGE": 1, "RING": 0, "TAKEOVER": 0,
    }  # fmt: skip


def test_a_decision_that_comes_again_counts_once():
    found = quality([*decided(h1="APPROVE"), *decided(h1="APPROVE")], {"h1": "HONEST"})
    assert found.row("APPROVE") == [1, 0, 0, 0]


def test_there_is_no_rate_without_orders_to_take_it_of():
    found = quality(decided(h1="APPROVE"), {"h1": "HONEST"})
    assert (found.catch_rate, found.false_positive_rate) == (None, 0.0)


def test_a_label_that_is_none_is_an_error_that_names_those_there_are():
    with pytest.raises(KeyError, match=r"HONEST, HABIT_CHANGE, RING, TAKEOVER, came EVIL"):
        quality([], {"h1": "EVIL"})
