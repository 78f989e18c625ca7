"""What the demo shows and tells of messages, on triggers and clicks written by hand."""

import pytest
from support.story_log import StoryLog

from deploy.demo.engagement import Messages


def folded(log: StoryLog) -> Messages:
    messages = Messages()
    for entry in log.entries:
        messages.take(entry)
    return messages


@pytest.fixture
def log() -> StoryLog:
    return StoryLog()


def test_triggers_are_counted_once_by_template_and_outcome(log):
    log.triggered("t1")
    log.triggered("t1")
    log.triggered("t2", outcome="SUPPRESSED")
    log.triggered("t3", template="REVIEW_REQUEST")
    log.raw("engagement.triggers")
    assert folded(log).outcomes() == {
        "CART_ABANDONMENT": {"SENT": 1, "SUPPRESSED": 1}, "REVIEW_REQUEST": {"SENT": 1},
    }  # fmt: skip


def test_a_response_counts_once(log):
    response = log.put("engagement.responses", "c1", response="CLICKED")
    log.put("engagement.responses", "c1", **{**response, "response": "CLICKED"}, at=1)
    log.put("engagement.responses", "c2", response="OPENED")
    assert folded(log).responses() == {"CLICKED": 1, "OPENED": 1}


def test_a_cart_is_recovered_by_a_purchase_after_the_message_whichever_is_read_first(log):
    log.bought("c1", at_s=30)
    log.triggered("t1", "c1", at_s=20)
    assert folded(log).carts_recovered() == 1


@pytest.mark.parametrize(
    "buy",
    [
        lambda log: log.bought("c1", at_s=19),
        lambda log: log.bought("c2", at_s=30),
        lambda log: log.bought(None, at_s=30),
        lambda log: log.clicked("CHECKOUT_START", "c1", at_s=30),
    ],
    ids=["before it", "by another", "by nobody known", "not yet"],
)
def test_no_other_click_recovers_a_cart(log, buy):
    log.triggered("t1", "c1", at_s=20)
    buy(log)
    assert folded(log).carts_recovered() == 0


def test_only_a_message_about_a_cart_that_was_sent_can_recover_it(log):
    log.triggered("t1", at_s=20, template="BROWSE_ABANDONMENT")
    log.triggered("t2", at_s=20, outcome="SUPPRESSED")
    log.bought(at_s=30)
    assert folded(log).carts_recovered() == 0


def test_two_lines_of_a_purchase_recover_one_cart_and_a_later_cart_is_another(log):
    log.triggered("t1", at_s=20)
    log.bought(at_s=30)
    log.bought(at_s=31)
    log.triggered("t2", at_s=60)
    assert folded(log).carts_recovered() == 1
    log.bought(at_s=70)
    assert folded(log).as_dict()["carts_recovered"] == 2
