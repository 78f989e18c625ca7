"""The jobs in Bytewax: one worker, recovery off, at least once."""

from functools import partial
from typing import Any

import bytewax.operators as op
from bytewax.connectors.kafka import KafkaSinkMessage, KafkaSource
from bytewax.connectors.kafka import operators as kop
from bytewax.dataflow import Dataflow, Stream
from bytewax.testing import cluster_main
from peer_jobs import job_of
from wire import Wire


class Memory(dict):  # type: ignore[type-arg]
    """A key's state, as live objects."""

    set = dict.__setitem__

    def delete(self, name: str) -> None:
        self.pop(name, None)


def main() -> None:
    wire = Wire()
    told, job = wire.told, job_of(wire.told)
    flow = Dataflow("peer")
    events = op.merge("events", *(_read(flow, wire, name) for name in told.sources))
    if job.links is None:
        named = op.filter("named", events, lambda event: bool(event[job.key]))
        keyed, step = op.key_on("key", named, lambda event: event[job.key]), job.step
    else:
        keyed, step = _answered(job.links, events), job.links.gathered
    rows = op.stateful_flat_map("step", keyed, partial(_remembering, step))
    for topic in wire.topics:

        def message(keyed_row, topic=topic):  # type: ignore[no-untyped-def]
            name, row = keyed_row[1]
            if name != topic:
                return None
            key, value = wire.encode(name, row)
            return KafkaSinkMessage(key.encode(), value)

        step_id = topic.replace(".", "-")  # a step's name may have no dots
        messages = op.filter_map(f"encode {step_id}", rows, message)
        kop.output(f"write {step_id}", messages, brokers=[told.bootstrap], topic=topic)
    cluster_main(flow, [], 0)


def _remembering(step, memory, value):  # type: ignore[no-untyped-def]
    memory = Memory() if memory is None else memory
    return memory, step(memory, value)


def _read(flow: Dataflow, wire: Wire, name: str) -> Stream[Any]:
    # it keeps no offsets in Kafka of itself; committed, they say how far it has come
    progress = {
        "group.id": wire.told.group,
        "enable.auto.commit": "true",
        "auto.commit.interval.ms": "1000",
    }
    source = KafkaSource([wire.told.bootstrap], [name], add_config=progress, batch_size=1000)
    step_id = name.replace(".", "-")
    messages = op.input(f"read {step_id}", flow, source)
    return op.map(f"decode {step_id}", messages, lambda one: wire.decode(name, one.value))


def _answered(rules: Any, events: Stream[Any]) -> Stream[Any]:
    """Events with their links' answers, by entity."""
    asked = op.branch("asked", op.flat_map("touched", events, rules.touched), _is_of_a_link)
    by_link = op.key_on("link", asked.trues, lambda one: one["link"])
    answers = op.stateful_map("linked", by_link, partial(_remembering, rules.linked))
    to_entities = op.filter_map("answer", answers, lambda keyed: _of_an_entity(keyed[1]))
    everything = op.merge("answered", to_entities, asked.falses)
    return op.key_on("entity", everything, lambda one: one["entity"])


def _is_of_a_link(asked: Any) -> bool:
    return asked["link"] is not None


def _of_an_entity(answer: Any) -> Any:
    return answer if answer["entity"] is not None else None


if __name__ == "__main__":
    main()
