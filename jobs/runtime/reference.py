"""Reference data: broadcast, kept raw in broadcast state, typed in memory."""

from collections.abc import Mapping
from typing import Any

import msgspec
from pyflink.common import Types
from pyflink.datastream.state import MapStateDescriptor

from connectors.codec import Decoder
from connectors.topics import TOPICS
from udfs.contract import Domain

REFERENCE_STATE = "reference"


def reference_descriptor() -> MapStateDescriptor:
    """Broadcast state: entry -> raw record, or how far a partition was read."""
    return MapStateDescriptor(REFERENCE_STATE, Types.STRING(), Types.PICKLED_BYTE_ARRAY())


class ReferenceData:
    """The latest reference records, and whether enough of them were read to decide by.

    Broadcast state keeps the records as they came, so that a new version of a domain can read
    fields that the old one did not know; what rules see is decoded once and held in memory.

    `awaited` is (topic, partition) -> the offset up to which the job reads before it decides.
    """

    def __init__(
        self,
        domain: Domain,
        decoders: Mapping[str, Decoder],
        awaited: Mapping[tuple[str, int], int],
    ):
        self._types = dict(domain.reference)
        self._decoders = decoders
        self._awaited = dict(awaited)
        self._records: dict[str, dict[str, Any]] = {topic: {} for topic in self._types}
        self._loaded = False

    def records(self, topic: str) -> Mapping[str, Any]:
        return self._records[topic]

    def load(self, state: Any) -> None:
        """Fill memory from broadcast state, once in the life of a function."""
        if self._loaded:
            return
        self._loaded = True
        for key, stored in state.items():
            topic, _, identity = key.partition("\n")
            if identity.startswith("@"):
                self._passed(topic, int(identity[1:]), stored)
            else:
                self._records[topic][identity[1:]] = self._typed(topic, stored)

    def take(
        self, state: Any, topic: str, partition: int, offset: int, key: str, value: bytes | None
    ) -> None:
        """Take over one record; None as its value removes all that its key holds.

        Raises what the decoder or the type raises when the record is not what its topic promises.
        """
        self._passed(topic, partition, offset)
        state.put(f"{topic}\n@{partition}", offset)
        known = self._records[topic]
        if value is None:
            for identity in [i for i in known if i == key or i.startswith(f"{key}|")]:
                del known[identity]
                state.remove(f"{topic}\n={identity}")
            return
        record = self._decoders[topic].decode(value)
        identity = TOPICS[topic].identity_of(record)
        known[identity] = msgspec.convert(record, self._types[topic])
        state.put(f"{topic}\n={identity}", value)

    @property
    def complete(self) -> bool:
        """Whether everything that was there when the job was submitted has been read."""
        return not self._awaited

    def _passed(self, topic: str, partition: int, offset: int) -> None:
        if offset >= self._awaited.get((topic, partition), offset + 1):
            del self._awaited[topic, partition]

    def _typed(self, topic: str, stored: bytes) -> Any:
        return msgspec.convert(self._decoders[topic].decode(stored), self._types[topic])
