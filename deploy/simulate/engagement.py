"""How customers take the shop's messages: each reads at their own hours, or not at all.

It knows no Kafka and no clock: it is told what was read, and when. Everybody is a function of the
run's seed and their id, so that a run with the same seed has the same readers.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from heapq import heappop, heappush
from random import Random
from zoneinfo import ZoneInfo

from deploy.simulate.sending import Kind, Record, Sending, Tally
from deploy.simulate.world import Planned

MESSAGES = "notifications.requests"
RESPONSES = "engagement.responses"
PREFERENCES = "engagement.preferences"
POLICIES = "engagement.policies"
CLICKS = "clickstream.events"
READS = (MESSAGES,)
WRITES = (RESPONSES, PREFERENCES, CLICKS)

ZONES = ("Europe/Berlin", "Europe/Lisbon", "Europe/Helsinki", "America/New_York", "Asia/Tokyo")
READ_AT_BEST, READ_OTHERWISE = 0.7, 0.1
CLICKED, DISMISSED, UNSUBSCRIBED = 0.4, 0.3, 0.01
RECOVERED = 0.6
OPTED_OUT, OWN_QUIET_HOURS, PREFERS_PUSH = 0.05, 0.1, 0.3
READ_AFTER_S, CLICK_AFTER_S, BUY_AFTER_S = (1.0, 6.0), (0.5, 3.0), (1.0, 5.0)
DUPLICATES = 0.01


@dataclass(frozen=True)
class Reader:
    """A customer as a reader of messages; hours are of their own day.

    best_hour: within an hour of which they mostly read.
    """

    time_zone: str
    best_hour: int
    is_opted_out: bool
    quiet: tuple[int, int] | None
    channel: str | None

    def reads_at(self, time: int) -> float:
        """How probably a message sent at `time` (epoch ms) is opened."""
        hour = datetime.fromtimestamp(time / 1000, ZoneInfo(self.time_zone)).hour
        away = min((hour - self.best_hour) % 24, (self.best_hour - hour) % 24)
        return READ_AT_BEST if away <= 1 else READ_OTHERWISE


def reader(seed: int, customer_id: str) -> Reader:
    """The reader that the customer is in runs of this seed."""
    random = Random(f"{seed} reader {customer_id}")
    return Reader(
        time_zone=random.choice(ZONES),
        best_hour=random.randrange(24),
        is_opted_out=random.random() < OPTED_OUT,
        quiet=(22 * 60, 6 * 60) if random.random() < OWN_QUIET_HOURS else None,
        channel="PUSH" if random.random() < PREFERS_PUSH else None,
    )


def hasty_policies(now: int) -> Iterator[Sending]:
    """Policies of a shop whose minutes are seconds, and that knows no night: for a demonstration.

    A cart is left after 10 s and written about within 30 s of its last event.
    """
    everyone = {"weekly_cap": 100, "quiet_from_min": 0, "quiet_to_min": 0}
    changes: dict[str, Record] = {
        "*": everyone | {"time_zone": "UTC", "channel": "EMAIL"},
        "CART_ABANDONMENT": {"delay_s": 10, "latest_s": 30, "weekly_cap": 20},
        "BROWSE_ABANDONMENT": {"delay_s": 20, "latest_s": 60, "weekly_cap": 20},
        "BACK_IN_STOCK": {"delay_s": 0, "latest_s": 60, "weekly_cap": 20},
        "REVIEW_REQUEST": {"delay_s": 30, "latest_s": 90, "weekly_cap": 20},
        "CROSS_SELL": {"delay_s": 60, "latest_s": 120, "weekly_cap": 20},
    }
    for template, fields in changes.items():
        record = {
            "event_id": f"hasty-{template}-{now}",
            "event_time": now,
            "template": template,
            "version": 2,
            **fields,
        }
        yield Sending(Kind.REFERENCE, POLICIES, template, record, now)


class Recipients:
    """The customers of a run, as they take messages.

    `tally` counts what was handed out. All times are epoch ms.
    """

    def __init__(self, seed: int, run: str, tally: Tally) -> None:
        self._seed = seed
        self._run = run
        self._tally = tally
        self._taken: set[str] = set()
        self._agenda: list[Planned] = []
        self._numbers = 0

    def preferences(self, customer_ids: Iterable[str], now: int) -> Iterator[Sending]:
        """What the customers told the shop before it opened."""
        for customer_id in customer_ids:
            one = reader(self._seed, customer_id)
            quiet_from, quiet_to = one.quiet or (None, None)
            record = {
                "event_id": f"{customer_id}-preferences",
                "event_time": now,
                "customer_id": customer_id,
                "time_zone": one.time_zone,
                "quiet_from_min": quiet_from,
                "quiet_to_min": quiet_to,
                "opt_outs": ["*"] if one.is_opted_out else [],
                "channel": one.channel,
                "blocked_channels": [],
            }
            yield self._counted(Sending(Kind.PREFERENCE, PREFERENCES, customer_id, record, now))

    def take(self, record: Record, now: int) -> list[Planned]:
        """What follows from a record of `MESSAGES`; nothing if it was taken before.

        Messages of other jobs (about an order) and of other runs are nobody's business here.
        """
        trigger_id = record["parameters"].get("trigger_id")
        is_ours = trigger_id is not None and record["customer_id"].startswith(f"{self._run}-")
        if not is_ours or trigger_id in self._taken:
            return []
        self._taken.add(trigger_id)
        random = Random(f"{self._seed} takes {trigger_id.replace(self._run, '')}")
        one = reader(self._seed, record["customer_id"])
        at = now + _ms(random, READ_AFTER_S)
        if random.random() >= one.reads_at(record["send_at"]):
            ignored = random.random() >= DISMISSED
            return [] if ignored else [self._respond(record, "DISMISSED", at)]
        planned = [self._respond(record, "OPENED", at)]
        if random.random() < DUPLICATES:
            again = planned[0].sending._replace(kind=Kind.DUPLICATE)
            planned.append(self._plan(at + 1000, again))
        if random.random() < UNSUBSCRIBED:
            planned.append(self._respond(record, "UNSUBSCRIBED", at + 500))
        elif random.random() < CLICKED:
            at += _ms(random, CLICK_AFTER_S)
            planned.append(self._respond(record, "CLICKED", at))
            if record["template"] == "CART_ABANDONMENT" and random.random() < RECOVERED:
                planned.append(self._buy(record, at + _ms(random, BUY_AFTER_S)))
        return planned

    def due(self, now: int) -> Iterator[Sending]:
        """What is to be sent by `now`, in order, each once."""
        while self._agenda and self._agenda[0].due <= now:
            yield self._counted(heappop(self._agenda).sending)

    def _respond(self, message: Record, response: str, at: int) -> Planned:
        customer_id, trigger_id = message["customer_id"], message["parameters"]["trigger_id"]
        record = {
            "event_id": f"{trigger_id}/{response}",
            "event_time": at,
            "customer_id": customer_id,
            "trigger_id": trigger_id,
            "template": message["template"],
            "channel": message["channel"],
            "response": response,
            "sent_at": message["send_at"],
        }
        return self._plan(at, Sending(Kind.RESPONSE, RESPONSES, customer_id, record, at))

    def _buy(self, message: Record, at: int) -> Planned:
        """The cart is recovered: bought by way of the message, on a device of its own."""
        customer_id = message["customer_id"]
        visitor_id = f"{customer_id}-mail"
        record = {
            "event_id": f"{message['parameters']['trigger_id']}/bought",
            "event_time": at,
            "visitor_id": visitor_id,
            "customer_id": customer_id,
            "event_type": "PURCHASE",
        }
        return self._plan(at, Sending(Kind.RECOVERED, CLICKS, visitor_id, record, at))

    def _plan(self, due: int, sending: Sending) -> Planned:
        self._numbers += 1
        planned = Planned(due, self._numbers, sending)
        heappush(self._agenda, planned)
        return planned

    def _counted(self, sending: Sending) -> Sending:
        self._tally.sent[sending.kind] += 1
        return sending


def _ms(random: Random, span_s: tuple[float, float]) -> int:
    return round(random.uniform(*span_s) * 1000)
