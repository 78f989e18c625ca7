"""What the service knows: customers, templates, policies, and which requests are done with."""

import logging
from collections import deque
from collections.abc import Collection
from typing import Any, Final

import msgspec

from connectors.notifications.records import (
    CONTACTS,
    DELIVERIES,
    MOST_LATE_S,
    TEMPLATES,
    Contact,
    Request,
    Template,
)
from connectors.notifications.rules import Decision, Unreachable, decide
from udfs.engagement.events import (
    ALL,
    POLICIES,
    PREFERENCES,
    Channel,
    Policy,
    Preferences,
)
from udfs.engagement.step import day_of

REMEMBERED_MS: Final = 2 * MOST_LATE_S * 1000
"""How long a request is known after its end: from then on it would come too late in any case."""

log = logging.getLogger(__name__)


class Desk:
    """Decides about requests by what it was told last; keeps every customer's contact in memory.

    carried: channels that there is a carrier for.
    """

    def __init__(self, carried: Collection[Channel]) -> None:
        self._carried = carried
        self._contacts: dict[str, Contact] = {}
        self._preferences: dict[str, Preferences] = {}
        self._templates: dict[str, Template] = {}
        self._policies: dict[str, Policy] = {}
        self._done: set[str] = set()
        self._done_at: deque[tuple[int, str]] = deque()

    def learn(self, topic: str, key: str, record: dict[str, Any] | None, now: int) -> None:
        """Take a record of a reference topic; None forgets what is under `key`.

        One that is not as it should be is passed over, and what was known before still holds.
        """
        try:
            match topic:
                case "customers.contacts":
                    _keep(self._contacts, key, record, Contact)
                case "engagement.preferences":
                    self._take_preferences(key, record)
                case "engagement.policies":
                    _keep(self._policies, key, record, Policy)
                case "notifications.templates":
                    _keep(self._templates, key, record, Template)
                case "notifications.deliveries" if record and record["outcome"] != "FAILED":
                    self.done(record["request_id"], record["event_time"], now)
        except msgspec.ValidationError as error:
            log.warning("%s: %s: %s; what was known before still holds", topic, key, error)

    def is_done(self, request_id: str) -> bool:
        """Whether the request was sent or dropped before."""
        return request_id in self._done

    def done(self, request_id: str, at: int, now: int) -> None:
        """The request was sent or dropped at `at` (epoch ms)."""
        if at > now - REMEMBERED_MS and request_id not in self._done:
            self._done.add(request_id)
            self._done_at.append((at, request_id))
        while self._done_at and self._done_at[0][0] <= now - REMEMBERED_MS:
            self._done.discard(self._done_at.popleft()[1])

    def decide(self, request: Request, now: int) -> Decision:
        """What to do about a request at `now` (epoch ms)."""
        template = self.template(request)
        if template is None:
            return Unreachable(f"notifications.templates has no {request.template}")
        preferences = self._preferences.get(request.customer_id)
        policies = self._policies.get(request.template), self._policies.get(ALL)
        return decide(
            request,
            template,
            self._contacts.get(request.customer_id),
            preferences,
            day_of(preferences, *policies),
            self._carried,
            now,
        )

    def template(self, request: Request) -> Template | None:
        """What the request's message says."""
        return self._templates.get(request.template)

    def _take_preferences(self, key: str, record: dict[str, Any] | None) -> None:
        """The latest by event_time holds, in whatever order they come."""
        known = self._preferences.get(key)
        told = None if record is None else msgspec.convert(record, Preferences)
        if told is None:
            self._preferences.pop(key, None)
        elif known is None or (told.event_time, told.event_id) > (known.event_time, known.event_id):
            self._preferences[key] = told


def _keep(table: dict[str, Any], key: str, record: dict[str, Any] | None, kind: type[Any]) -> None:
    if record is None:
        table.pop(key, None)
    else:
        table[key] = msgspec.convert(record, kind)


REFERENCE: Final = (CONTACTS, PREFERENCES, POLICIES, TEMPLATES, DELIVERIES)
