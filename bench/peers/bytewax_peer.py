"""The jobs in Bytewax: one worker, recovery off, at least once."""

import bytewax.operators as op
from bytewax.connectors.kafka import KafkaSinkMessage, KafkaSource
from bytewax.connectors.kafka import operators as kop
from bytewax.dataflow import Dataflow
from bytewax.testing import cluster_main
from peer_jobs import JOBS
from wire import Wire


class Memory(dict):  # type: ignore[type-arg]
    """A key's state, as live objects."""

    set = dict.__setitem__
    delete = dict.pop


def main() -> None:
    wire = Wire(tuple(JOBS))
    told, job = wire.told, JOBS[wire.told.job]
    flow = Dataflow("peer")
    source = KafkaSource([told.bootstrap], [told.source], batch_size=1000)
    events = op.map("decode", op.input("read", flow, source), lambda m: wire.decode(m.value))
    keyed = op.key_on(
        "key", op.filter("keyed", events, lambda e: bool(e[job.key])), lambda e: e[job.key]
    )

    def stepped(memory, event):  # type: ignore[no-untyped-def]
        memory = Memory() if memory is None else memory
        return memory, job.step(memory, event)

    rows = op.stateful_flat_map("step", keyed, stepped)
    for topic in wire.topics:

        def message(keyed_row, topic=topic):  # type: ignore[no-untyped-def]
            name, key, row = keyed_row[1]
            return KafkaSinkMessage(key.encode(), wire.encode(name, row)) if name == topic else None

        step = topic.replace(".", "-")  # a step's name may have no dots
        messages = op.filter_map(f"encode {step}", rows, message)
        kop.output(f"write {step}", messages, brokers=[told.bootstrap], topic=topic)
    cluster_main(flow, [], 0)


if __name__ == "__main__":
    main()
