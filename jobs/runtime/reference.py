"""Reference data: broadcast, kept raw in broadcast state, typed in memory."""

from collections.abc import Mapping
from typing import Any

from pyflink.common import Types
from pyflink.datastream.state import MapStateDescriptor

from connectors.codec import Decoder
from connectors.errors import ShopstreamError
from connectors.topics import TOPICS
from jobs.runtime.typed import typing_of
from udfs.contract import Domain, InvalidEventError

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
        self._typed = {topic: typing_of(kind) for topic, kind in domain.reference.items()}
        self._decoders = decoders
        self._awaited = dict(awaited)
        self._records: dict[str, dict[str, Any]] = {topic: {} for topic in domain.reference}
        self._keys: dict[str, dict[str, str]] = {topic: {} for topic in domain.reference}
        self._loaded = False

    def records(self, topic: str) -> Mapping[str, Any]:
        return self._records[topic]

    def load(self, state: Any) -> None:
        """Fill memory from broadcast state, once in the life of a function."""
        if self._loaded:
            return
        self._loaded = True
        for key, stored in state.items():
            topic, _, entry = key.partition("\n")
            if entry.startswith("@"):
                self._passed(topic, int(entry[1:]), stored)
            elif topic in self._typed:  # else the domain has given it up
                self._restore(topic, entry[1:], stored)

    def take(
        self,
        state: Any,
        topic: str,
        partition: int,
        offset: int,
        raw_key: bytes | None,
        value: bytes | None,
    ) -> None:
        """Take over one record; None as its value removes all that its key holds.

        Raises a ValueError that says why when the record is not what its topic promises.
        """
        self._passed(topic, partition, offset)
        state.put(f"{topic}\n@{partition}", offset)
        key = (raw_key or b"").decode()
        if value is None:
            keys = self._keys[topic]
            for identity in [identity for identity, of in keys.items() if of == key]:
                del keys[identity], self._records[topic][identity]
                state.remove(f"{topic}\n={identity}")
            return
        record = self._decoders[topic].decode(value)
        expected = TOPICS[topic].key_of(record)
        if key != expected:
            raise InvalidEventError(f"expected the Kafka key {expected!r}, came {raw_key!r}")
        state.put(f"{topic}\n={self._hold(topic, record)}", value)

    def _restore(self, topic: str, identity: str, stored: bytes) -> None:
        try:
            self._hold(topic, self._decoders[topic].decode(stored))
        except ValueError as error:
            raise ShopstreamError(
                f"{topic}: this version of the job refuses the record {identity!r} that an older "
                f"one took ({error}); correct it there, and start from that version's savepoint"
            ) from error

    def _hold(self, topic: str, record: dict[str, Any]) -> str:
        """Hold a record in memory, typed; returns its identity."""
        typed = self._typed[topic](record)
        identity = TOPICS[topic].identity_of(record)
        self._records[topic][identity] = typed
        self._keys[topic][identity] = TOPICS[topic].key_of(record)
        return identity

    @property
    def complete(self) -> bool:
        """Whether everything that was there when the job was submitted has been read."""
        return not self._awaited

    def _passed(self, topic: str, partition: int, offset: int) -> None:
        if offset >= self._awaited.get((topic, partition), offset + 1):
            del self._awaited[topic, partition]
