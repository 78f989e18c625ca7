"""Whose timeline a demo ends with."""

from deploy.demo.customer import whose
from deploy.demo.live import LiveView


def view(decisions: dict[str, int], written_to: tuple[str, ...] = ()) -> LiveView:
    """decisions: score by customer."""
    seen = LiveView()
    for customer, score in decisions.items():
        seen.bands.decisions[customer] = {"customer_id": customer, "score": score}
    for customer in written_to:
        seen.messages.triggers[customer] = {"customer_id": customer, "outcome": "SENT"}
    return seen


def test_it_is_of_one_who_was_written_to_and_ordered():
    assert whose(view({"ann": 3, "bob": 90}, ("ann", "cem"))) == "ann"


def test_without_such_it_is_of_the_one_who_looked_the_least_honest():
    assert whose(view({"ann": 3, "bob": 90}, ("cem",))) == "bob"


def test_without_orders_it_is_of_nobody():
    assert whose(view({})) is None
