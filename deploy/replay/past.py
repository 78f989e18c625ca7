"""What a job had read by then: its inputs in their order, and all reference data."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from connectors.codec import Decoder, Encoder, UndecodableError
from connectors.reading import RawRecord, snapshot
from connectors.registry import Registry
from connectors.topics import TOPICS
from deploy.replay.order import Past, Taken, effective, in_order, past_of
from deploy.replay.overrides import Overrides
from deploy.replay.shadows import places
from jobs.replay.plan import Effective, Woken
from jobs.runtime.arrivals import ARRIVALS
from jobs.runtime.wakeups import WAKE_UP
from udfs.contract import Domain

SETTLE_MS = 10_000
"""What comes so soon after the interval is read as well: event time must pass its end."""


def reference_of(
    bootstrap: str,
    registry: Registry,
    kinds: Mapping[str, Any],
    overrides: Overrides,
    notes: list[str],
) -> list[Effective]:
    """The reference records of all time, with what is set otherwise."""
    decoders = {topic: decoder_of(topic, registry) for topic in kinds}
    encoders: dict[str, Encoder] = {}
    records: list[RawRecord] = []
    for record in snapshot(bootstrap, places(bootstrap, kinds)):
        topic = record.topic
        content = content_of(decoders[topic], record) if record.value is not None else None
        changed = None if content is None else overrides.changed(topic, content)
        if changed is not None:
            if topic not in encoders:
                declared = TOPICS[topic]
                schema_id = registry.schema_id(declared)
                encoders[topic] = Encoder(topic, declared.avro_schema, schema_id)
            record = record._replace(value=encoders[topic].encode(changed))
        records.append(record)
    overrides.require_used()
    notes += _compacted(records)
    return effective(records)


def _compacted(records: Iterable[RawRecord]) -> list[str]:
    """What to say of reference topics of which older records are gone."""
    offsets: dict[tuple[str, int], list[int]] = {}
    for record in records:
        offsets.setdefault((record.topic, record.partition), []).append(record.offset)
    gone = Counter[str]()
    for (topic, _), of in offsets.items():
        if TOPICS[topic].cleanup == "compact":
            gone[topic] += of[-1] + 1 - len(of)
    return [
        f"{topic}: up to {count:,} older records are compacted away; what they said is not known"
        for topic, count in gone.items()
        if count
    ]


def inputs_of(
    bootstrap: str, registry: Registry, domain: Domain, until: int
) -> tuple[list[Taken], Woken]:
    """What the domain had taken up soon after `until`, in order, and the wake-ups among it."""
    past = _past(bootstrap, registry, domain)
    records = snapshot(bootstrap, places(bootstrap, domain.inputs))
    taken = in_order(records, past, until + SETTLE_MS)
    names = [one.record.topic for one in taken if one.record.topic.startswith(WAKE_UP)]
    return taken, Woken(names, past.known_from)


def _past(bootstrap: str, registry: Registry, domain: Domain) -> Past:
    """In which order the domain decided, as far as that was written down."""
    decoder, key = decoder_of(ARRIVALS, registry), domain.name.encode()
    own = snapshot(bootstrap, places(bootstrap, [ARRIVALS]), lambda message: message.key() == key)
    return past_of((record.offset, decoder.decode(record.value)) for record in own)


def decoder_of(topic: str, registry: Registry) -> Decoder:
    return Decoder(topic, TOPICS[topic].avro_schema, registry.lookup)


def content_of(decoder: Decoder, record: RawRecord) -> dict[str, Any] | None:
    """What the record says; None if it does not decode."""
    try:
        return decoder.decode(record.value)
    except UndecodableError:
        return None
