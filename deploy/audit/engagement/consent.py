"""Whether what was sent might be sent: when, how often, and to whom."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from deploy.audit.engagement import contract
from deploy.audit.engagement.history import History, Log, Record
from deploy.audit.verdict import Check

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def audit_once(history: History, once: Check, seen: set[str]) -> None:
    """A trigger is decided once, under its own name; `seen` are those decided before."""
    for trigger in history.triggers:
        name = trigger["trigger_id"]
        if name in seen:
            once.refute(f"{name}: was decided twice")
        seen.add(name)
        if trigger["event_id"] != name:
            once.refute(f"{name}: its record is called {trigger['event_id']}")


def audit_requests(history: History, requested: Check) -> None:
    """What is SENT is asked for once, as it was decided, and nothing else is."""
    sent = {trigger["trigger_id"]: trigger for trigger in history.sent()}
    asked: set[str] = set()
    for message in history.messages:
        name = message["event_id"]
        trigger = sent.get(name)
        if trigger is None:
            requested.refute(f"{name}: was asked for, but not decided to be sent")
        elif any(message[n] != trigger[n] for n in ("template", "channel", "send_at")):
            requested.refute(f"{name}: was asked for otherwise than decided")
        if name in asked:
            requested.refute(f"{name}: was asked for twice")
        asked.add(name)
    for name in sent.keys() - asked:
        requested.refute(f"{name}: is SENT, but nobody was asked to send it")


def audit_quiet(history: History, log: Log, quiet: Check, grace_ms: int) -> None:
    """Nobody is written to in their quiet hours, by any preference that may have been known."""
    for trigger in history.sent():
        at = trigger["send_at"]
        wishes = history.wanted_at(at, grace_ms)
        if all(_is_quiet(at, trigger, wish, log) for wish in wishes):
            quiet.refute(f"{trigger['trigger_id']}: sent at {_time(at)} UTC, in quiet hours")


def _is_quiet(at: int, trigger: Record, wish: Record | None, log: Log) -> bool:
    policy = log.policy(trigger["template"], trigger["policy_version"])
    limits = log.policy(contract.ALL, trigger["limits_version"])
    sources = [one for one in (wish, policy, limits, contract.DEFAULT_LIMITS) if one is not None]
    zone = next(one["time_zone"] for one in sources if one["time_zone"] is not None)
    start, stop = next(
        (one["quiet_from_min"], one["quiet_to_min"])
        for one in sources
        if one["quiet_from_min"] is not None
    )
    local = (EPOCH + timedelta(milliseconds=at)).astimezone(ZoneInfo(zone))
    minute = local.hour * 60 + local.minute
    if start <= stop:
        return bool(start <= minute < stop)
    return bool(minute >= start or minute < stop)


def audit_caps(history: History, log: Log, caps: Check) -> None:
    """In the 7 days up to a message there are no more than its policies' caps."""
    sent = sorted(history.sent(), key=lambda trigger: trigger["send_at"])
    for index, trigger in enumerate(sent):
        week = [
            t for t in sent[: index + 1] if t["send_at"] > trigger["send_at"] - contract.WEEK_MS
        ]
        own = [t for t in week if t["template"] == trigger["template"]]
        template, version = trigger["template"], trigger["policy_version"]
        for name, policy, counted in (
            (template, log.policy(template, version), len(own)),
            ("all", log.policy(contract.ALL, trigger["limits_version"]), len(week)),
        ):
            if policy is None:
                caps.refute(f"{trigger['trigger_id']}: there is no such policy of {name}")
            elif counted > policy["weekly_cap"]:
                caps.refute(
                    f"customer {history.customer_id}: {counted} messages of {name} in the week to "
                    f"{_time(trigger['send_at'])}, may be {policy['weekly_cap']}"
                )


def audit_opt_outs(history: History, opted_out: Check, grace_ms: int) -> None:
    """Nobody is written to of what they do not want, or on a channel that they blocked."""
    for trigger in history.sent():
        at, template = trigger["send_at"], trigger["template"]
        wishes = history.wanted_at(at, grace_ms)
        if all(_is_unwanted(trigger, wish) for wish in wishes):
            opted_out.refute(f"{trigger['trigger_id']}: sent, but was opted out of")
        since = max((wish["event_time"] for wish in wishes if wish is not None), default=0)
        if any(
            response["response"] == "UNSUBSCRIBED"
            and response["template"] == template
            and since < response["event_time"] <= at - grace_ms
            for response in history.responses
        ):
            opted_out.refute(f"{trigger['trigger_id']}: sent after its template was unsubscribed")


def _is_unwanted(trigger: Record, wish: Record | None) -> bool:
    if wish is None:
        return False
    unwanted = {trigger["template"], contract.ALL} & set(wish["opt_outs"])
    return bool(unwanted) or trigger["channel"] in wish["blocked_channels"]


def _time(at: int) -> str:
    return (EPOCH + timedelta(milliseconds=at)).strftime("%Y-%m-%d %H:%M:%S")
