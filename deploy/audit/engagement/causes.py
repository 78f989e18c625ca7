"""Whether what was sent had its cause, and whether every cause came to something.

Times are epoch ms. What happened within `grace_ms` of a decision may have been read before it or
after it, and refutes nothing.
"""

from deploy.audit.engagement import contract
from deploy.audit.engagement.history import History, Log, Record
from deploy.audit.verdict import Check

WISH_KEPT_MS = 180 * 24 * 3_600_000


def audit_windows(history: History, log: Log, windows: Check) -> None:
    """What is sent is sent within the time that its policy gives it, counted from its cause."""
    for trigger in history.sent():
        policy = log.policy(trigger["template"], trigger["policy_version"])
        after_s = (trigger["send_at"] - trigger["caused_at"]) / 1000
        if policy is None or not policy["active"]:
            windows.refute(f"{trigger['trigger_id']}: sent without an active policy")
        elif not policy["delay_s"] <= after_s <= policy["latest_s"]:
            windows.refute(
                f"{trigger['trigger_id']}: sent {after_s:,.1f} s after its cause, may be from "
                f"{policy['delay_s']:,} to {policy['latest_s']:,} s"
            )


def audit_silence(history: History, silence: Check, grace_ms: int) -> None:
    """What is sent had a cause, and nothing had silenced it."""
    for trigger in history.sent():
        reason = _unfounded(history, trigger, trigger["send_at"] - grace_ms)
        if reason:
            silence.refute(f"{trigger['trigger_id']}: sent, but {reason}")


def _unfounded(history: History, trigger: Record, known_at: int) -> str:
    """Why it should not have been sent by what was known at `known_at`; empty if it should."""
    template, subject, caused_at = trigger["template"], trigger["subject"], trigger["caused_at"]
    if template == contract.CART:
        carts = history.of(contract.CART_EVENTS)
        if trigger["cause_id"] not in {click["event_id"] for click in carts}:
            return "there is no such cart event"
        if any(caused_at <= at <= known_at for at in history.purchases):
            return "the cart was bought"
        if any(caused_at < click["event_time"] <= known_at for click in carts):
            return "the cart was changed after that"
    elif template == contract.BROWSE:
        views = {c["event_id"]: c["event_time"] for c in history.of(("PAGE_VIEW",), subject)}
        if trigger["cause_id"] not in views or len(views) < 3:
            return "the sku was not viewed so often"
        adds = history.of(("ADD_TO_CART",), subject)
        if any(caused_at <= click["event_time"] <= known_at for click in adds):
            return "the sku was put into the cart"
    elif template == contract.BACK:
        if trigger["cause_id"] not in {signal["event_id"] for signal in history.signals}:
            return "there is no such signal"
    elif subject not in history.delivered:
        return "the order was not delivered"
    elif subject in history.returned and history.returned[subject]["event_time"] <= known_at:
        return "the order was returned"
    return ""


def audit_signals(history: History, log: Log, signals: Check, judged_at: int | None) -> None:
    """Each signal tells of an alert to somebody who had wished for the sku, and all of them do.

    The latter is judged of the alerts up to `judged_at`.
    """
    wishes = {click["event_id"]: click for click in history.of(("WISHLIST_ADD",))}
    told: set[str] = set()
    for signal in history.signals:
        name, wish = signal["event_id"], wishes.get(signal["wish_id"])
        alerts = {alert["event_id"]: alert for alert in log.alerts[signal["sku"]]}
        alert = alerts.get(signal["cause_id"])
        if wish is None or wish["sku"] != signal["sku"]:
            signals.refute(f"{name}: customer {history.customer_id} did not wish for it")
        elif alert is None:
            signals.refute(f"{name}: {signal['sku']} did not come back")
        elif wish["event_time"] > alert["event_time"]:
            signals.refute(f"{name}: was wished for after it was back")
        told.add(signal["wish_id"])
    for wish in wishes.values():
        if wish["event_id"] not in told and _should_be_told(history, log, wish, judged_at):
            signals.refute(f"{wish['event_id']}: {wish['sku']} came back, and nobody was told")


def _should_be_told(history: History, log: Log, wish: Record, judged_at: int | None) -> bool:
    """Whether an alert answers the wish for certain: no other wish or purchase of it is near."""
    sku, at = wish["sku"], wish["event_time"]
    others = [c["event_time"] for c in history.of(("WISHLIST_ADD", "PURCHASE"), sku)]
    backs = [
        alert["event_time"]
        for alert in log.alerts[sku]
        if judged_at is not None and at <= alert["event_time"] <= judged_at
    ]
    return bool(sku) and bool(backs) and others == [at] and min(backs) - at < WISH_KEPT_MS


def audit_outcomes(history: History, log: Log, outcomes: Check, judged_at: int) -> None:
    """Carts that were left, deliveries and signals have come to a decision by `judged_at`.

    Only where a template has had one active policy all along: else it depends on who read what
    first.
    """
    decided = {trigger["cause_id"] for trigger in history.triggers}
    for template, causes in (
        (contract.CART, _left_carts(history, log)),
        (contract.BACK, history.signals),
    ):
        for cause in causes:
            if _is_over(log, template, cause, judged_at) and cause["event_id"] not in decided:
                outcomes.refute(f"{cause['event_id']}: nothing was decided about it ({template})")
    subjects = {(trigger["template"], trigger["subject"]) for trigger in history.triggers}
    for order_id, step in history.delivered.items():
        for template in contract.AFTER_DELIVERY:
            if _is_over(log, template, step, judged_at) and (template, order_id) not in subjects:
                outcomes.refute(f"order {order_id}: nothing was decided about it ({template})")


def _is_over(log: Log, template: str, cause: Record, judged_at: int) -> bool:
    policies = log.policies[template]
    all_ = log.policies[contract.ALL]
    is_steady = len(policies) == 1 and policies[0]["active"] and all(p["active"] for p in all_)
    return is_steady and cause["event_time"] + policies[0]["latest_s"] * 1000 <= judged_at


def _left_carts(history: History, log: Log) -> list[Record]:
    """The cart adds after which nothing happened to the cart until it was written about."""
    policies = log.policies[contract.CART]
    if len(policies) != 1:
        return []
    latest = policies[0]["latest_s"] * 1000
    times = [click["event_time"] for click in history.of(contract.CART_EVENTS)] + history.purchases
    return [
        click
        for click in history.of(("ADD_TO_CART",))
        if sum(0 <= at - click["event_time"] <= latest for at in times) == 1  # itself
    ]
