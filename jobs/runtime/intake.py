"""The intake: reads raw records where SQL has gathered them, and sends each event where it belongs.

SQL can only gather by Kafka key. Where a domain's entity is named elsewhere in the record, or where
an event touches links, the record must be read first. The intake keeps no state, so what it does is
done again without harm after a failure.
"""

from collections.abc import Iterable
from typing import Any

from pyflink.common import Row
from pyflink.datastream import KeyedProcessFunction, RuntimeContext

from jobs.runtime.batches import Batch
from jobs.runtime.buckets import bucket_of, link_bucket
from jobs.runtime.collector import spare_what_is_loaded
from jobs.runtime.packets import Packet, Packing, Passed, Questions, Touch
from jobs.runtime.records import Inputs
from jobs.runtime.wire import Wire
from udfs.contract import Domain


class IntakeFunction(KeyedProcessFunction):
    """Sends `domain`'s events on: rows (bucket, packed questions or packet).

    buckets: how many there are, of entities and, if there are any, of links.
    """

    def __init__(self, domain: Domain, wire: Wire, buckets: int):
        self.name = domain.name
        self._domain = domain
        self._wire = wire
        self._buckets = buckets

    def open(self, runtime_context: RuntimeContext) -> None:  # noqa: ARG002
        spare_what_is_loaded()
        self._inputs = Inputs(self._domain, self._wire)
        self._pack = Packing(self._domain).pack
        self._links = self._domain.links

    def process_element(self, value: Row, ctx: Any) -> Iterable[Row]:
        batch = Batch(*value)
        own = ctx.get_current_key()
        groups: dict[int, list[tuple[Passed, Any]]] = {}
        for source, entity, event, _, error in batch.received(self._inputs):
            if event is None and error is None:
                continue  # it concerns nobody here
            packed = b"" if event is None else self._pack(event)
            bucket = own if entity is None else self._bucket(entity, source[4], own)
            passed = Passed(source, entity, packed, error)
            groups.setdefault(bucket, []).append((passed, event))
        name = f"{own}/{batch.topics[0]}/{batch.partitions[0]}/{batch.offsets[0]}"
        rows = self._packets if self._links is None else self._questions
        return [row for bucket, group in groups.items() for row in rows(bucket, name, group, batch)]

    def _bucket(self, entity: str, key: bytes | None, own: int) -> int:
        """The entity's bucket: SQL has computed it if the entity is the Kafka key."""
        return own if entity.encode() == key else bucket_of(entity, self._buckets)

    def _packets(
        self, bucket: int, name: str, group: list[tuple[Passed, Any]], batch: Batch
    ) -> list[Row]:
        events = [passed for passed, _ in group]
        return [Row(bucket, self._pack(Packet(name, 1, batch.closed_at, events, [], [])))]

    def _questions(
        self, bucket: int, name: str, group: list[tuple[Passed, Any]], batch: Batch
    ) -> list[Row]:
        """A row for each bucket of links that the group touches; at least one, with the events."""
        assert self._links is not None
        events: list[Passed] = []
        touches: dict[int, list[Touch]] = {}
        for index, (passed, event) in enumerate(group):
            events.append(passed)
            if event is None:
                continue
            for number, (link, touch) in enumerate(self._links.touches(event)):
                target = link_bucket(link, self._buckets)
                touched = Touch(index, number, link, self._pack(touch))
                touches.setdefault(target, []).append(touched)
        by_bucket = list(touches.items()) or [(bucket, [])]
        rows = []
        for target, asked in by_bucket:
            questions = Questions(bucket, name, len(by_bucket), batch.closed_at, events, asked)
            events = []
            rows.append(Row(target, self._pack(questions)))
        return rows
