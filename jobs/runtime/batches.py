"""What the decision operator is handed, in either of two forms, and how it is read.

`RawBatches`: records as SQL gathered them, where the Kafka key is the entity.
`PacketBatches`: events that the intake has read and brought to the bucket of their entity, with
what the links that they touched answered.
"""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple, Protocol

from pyflink.common import Row
from pyflink.datastream.state import MapState

from connectors.errors import ShopstreamError
from jobs.runtime.packets import OutputRow, Packet, Packing, Passed, Received, described
from jobs.runtime.records import Inputs


class Batch(NamedTuple):
    """Raw records of one bucket, in the order of their arrival; one list a field."""

    values: list[bytes | None]
    keys: list[bytes | None]
    topics: list[str]
    partitions: list[int]
    offsets: list[int]
    timestamps: list[int]
    closed_at: int  # when SQL closed the batch (epoch ms)

    def received(self, inputs: Inputs) -> Iterator[Received]:
        """The records, read one by one.

        Raises ShopstreamError for trouble of the surroundings: it is no record's fault, and is to
        be tried again later.
        """
        for source in zip(
            self.topics,
            self.partitions,
            self.offsets,
            self.timestamps,
            self.keys,
            self.values,
            strict=True,
        ):
            try:
                event, entity = inputs.read(source)
            except ShopstreamError:
                raise
            except Exception as error:  # garbage raises whatever a decoder stumbles over
                yield Received(source, None, None, (), described(error))
            else:
                yield Received(source, entity, event, (), None)


class Batches(Protocol):
    """Reads what one of the two streams brings."""

    def plain(self, value: Any) -> Any:
        """`value` as plain data that state can hold, which `take` takes as well."""

    def closed_at(self, value: Any) -> int:
        """When SQL closed the batch (epoch ms)."""

    def take(self, value: Any) -> tuple[Sequence[Received] | Iterator[Received], list[OutputRow]]:
        """The records of the batch, and outputs that came along; none while parts are missing."""


class RawBatches:
    """`Batches` of SQL."""

    def __init__(self, inputs: Inputs):
        self._inputs = inputs

    def plain(self, value: Row) -> tuple[Any, ...]:
        return tuple(value)

    def closed_at(self, value: Any) -> int:
        return value[-1]

    def take(self, value: Any) -> tuple[Iterator[Received], list[OutputRow]]:
        return Batch(*value).received(self._inputs), []


class PacketBatches:
    """`Batches` in packets, whose parts come from several tasks.

    missing: batch -> its parts that have come while others have not.
    """

    def __init__(self, packing: Packing, missing: MapState):
        self._packing = packing
        self._missing = missing

    def plain(self, value: bytes) -> bytes:
        return value

    def closed_at(self, value: bytes) -> int:
        return self._packing.head(value).closed_at

    def take(self, value: bytes) -> tuple[Sequence[Received], list[OutputRow]]:
        packet = self._packing.packet(value)
        rows = packet.rows
        if packet.parts == 1:
            return self._packing.received([packet]), rows
        known = self._missing.get(packet.batch) or []
        if len(known) + 1 < packet.parts:
            self._missing.put(packet.batch, [*known, value])
            return [], rows
        self._missing.remove(packet.batch)
        packets: list[Packet[list[Passed]]] = [*map(self._packing.packet, known), packet]
        return self._packing.received(packets), rows
