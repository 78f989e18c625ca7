"""What the gateway has to know of a platform, and which platforms there are."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from connectors.webhooks import custom, magento, shopify, woocommerce
from connectors.webhooks.contract import Fact, Unmappable
from connectors.webhooks.reading import BodyMapping, Told
from connectors.webhooks.signatures import Headers

LONGEST_ID = 200

Signed = Callable[[Headers, bytes, tuple[bytes, ...], float], bool]


class UnknownTopic(Unmappable):
    """A topic for which the platform has no mapping."""


@dataclass(frozen=True)
class Platform:
    """A platform's headers, signature and mappings.

    signed: whether headers and raw body were signed with one of the secrets, as of now (epoch s).
    topic_of: the webhook's topic. settled: topics that say nothing that another does not say too.
    key_of: the bytes that a configured secret stands for. ping: whether a request is only the
    platform's question whether somebody is there, which it does not sign.
    """

    name: str
    id_header: str
    headers: Mapping[str, str]
    signed: Signed
    topic_of: Callable[[Headers, bytes], str]
    mappings: Mapping[str, BodyMapping[Any]]
    settled: frozenset[str]
    key_of: Callable[[str], bytes]
    ping: Callable[[Headers, bytes], bool]

    def delivery_id(self, headers: Headers, topic: str, body: bytes) -> str:
        """The platform's name for the delivery, the same in every retry.

        Without one, or with one that no platform would give, equal bodies are one delivery.
        """
        given = headers.get(self.id_header, "")
        if 0 < len(given) <= LONGEST_ID:
            return given
        digest = hashlib.sha256(topic.encode())
        digest.update(body)
        return f"sha256-{digest.hexdigest()}"

    def facts(self, topic: str, body: bytes, told: Told) -> list[Fact]:
        """What the body says; nothing if it says nothing that concerns us.

        Raises UnknownTopic, or Unmappable with the reason.
        """
        if topic in self.settled:
            return []
        read = self.mappings.get(topic)
        if read is None:
            raise UnknownTopic(
                f"expected one of {self.name}'s topics {', '.join(self.mappings)}, "
                f"came {topic!r:.100}"
            )
        return read(body, told)


def _never(_headers: Headers, _body: bytes) -> bool:
    return False


def _of_header(name: str) -> Callable[[Headers, bytes], str]:
    return lambda headers, _body: headers.get(name, "")


PLATFORMS: Mapping[str, Platform] = {
    platform.name: platform
    for platform in (
        Platform(
            name="shopify",
            id_header=shopify.ID_HEADER,
            headers=shopify.HEADERS,
            signed=shopify.signed,
            topic_of=_of_header(shopify.TOPIC_HEADER),
            mappings=shopify.MAPPINGS,
            settled=shopify.SETTLED,
            key_of=str.encode,
            ping=_never,
        ),
        Platform(
            name="woocommerce",
            id_header=woocommerce.ID_HEADER,
            headers=woocommerce.HEADERS,
            signed=woocommerce.signed,
            topic_of=_of_header(woocommerce.TOPIC_HEADER),
            mappings=woocommerce.MAPPINGS,
            settled=frozenset(),
            key_of=str.encode,
            ping=woocommerce.is_ping,
        ),
        Platform(
            name="magento",
            id_header=magento.ID_HEADER,
            headers=magento.HEADERS,
            signed=magento.signed,
            topic_of=_of_header(magento.TOPIC_HEADER),
            mappings=magento.MAPPINGS,
            settled=frozenset(),
            key_of=str.encode,
            ping=_never,
        ),
        Platform(
            name="custom",
            id_header=custom.ID_HEADER,
            headers=custom.HEADERS,
            signed=custom.signed,
            topic_of=custom.topic_of,
            mappings=custom.MAPPINGS,
            settled=frozenset(),
            key_of=custom.key_of,
            ping=_never,
        ),
    )
}
