"""Whether a message is to be sent now, and by which channel: plain data in, plain data out."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final, Literal

from connectors.notifications.records import Contact, Request, Template
from udfs.engagement.events import ALL, Channel, Preferences
from udfs.engagement.hours import Day

CHANNELS: Final[tuple[Channel, ...]] = ("EMAIL", "SMS", "PUSH")


@dataclass(frozen=True)
class Send:
    """Now, by this channel, to this address."""

    channel: Channel
    address: str


@dataclass(frozen=True)
class Hold:
    """Not before `until` (epoch ms)."""

    until: int


@dataclass(frozen=True)
class Drop:
    """Not any more."""

    reason: Literal["TOO_LATE", "QUIET_HOURS", "OPTED_OUT"]


@dataclass(frozen=True)
class Unreachable:
    """There is no way to the customer, as far as is known."""

    reason: str


Decision = Send | Hold | Drop | Unreachable


def decide(
    request: Request,
    template: Template,
    contact: Contact | None,
    preferences: Preferences | None,
    day: Day,
    carried: Collection[Channel],
    now: int,
) -> Decision:
    """What to do about a request at `now` (epoch ms).

    day: the customer's, with its quiet hours. carried: channels that there is a carrier for.
    """
    if now < request.send_at:
        return Hold(request.send_at)
    deadline = request.send_at + template.latest_s * 1000
    if request.not_after is not None:
        deadline = min(deadline, request.not_after)
    if now > deadline:
        return Drop("TOO_LATE")
    if not template.owed and _is_unwanted(request, preferences):
        return Drop("OPTED_OUT")
    quiet_ms = 0 if template.urgent else day.quiet_for(now)
    if quiet_ms:
        return Hold(now + quiet_ms) if now + quiet_ms <= deadline else Drop("QUIET_HOURS")
    return _way(request, template, contact, preferences, carried)


def _is_unwanted(request: Request, preferences: Preferences | None) -> bool:
    if preferences is None:
        return False
    unwanted = request.template in preferences.opt_outs or ALL in preferences.opt_outs
    return unwanted or request.channel in preferences.blocked_channels


def _way(
    request: Request,
    template: Template,
    contact: Contact | None,
    preferences: Preferences | None,
    carried: Collection[Channel],
) -> Send | Unreachable:
    """By the channel that was asked for; what is owed, by another if that cannot be used."""
    channels = [request.channel]
    if template.owed:
        channels += [channel for channel in CHANNELS if channel != request.channel]
    for channel in channels:
        is_blocked = preferences is not None and channel in preferences.blocked_channels
        address = None if contact is None else contact.address(channel)
        if address is not None and channel in carried and not is_blocked:
            return Send(channel, address)
    if contact is None:
        return Unreachable(f"customers.contacts has nothing of {request.customer_id}")
    return Unreachable(
        f"expected an address of {request.customer_id} for {' or '.join(channels)}, where there is "
        f"a carrier ({', '.join(sorted(carried))}) and the customer does not mind; came none"
    )
