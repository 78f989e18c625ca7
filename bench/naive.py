"""The inventory rule as PyFlink's tutorials would run it, to see what the runtime is worth.

A Python process beside the JVM, `key_by` with a lambda, one event at a time and one `ValueState`
that holds the sku's stock with all its reservations. Same topics, same rule, same sink; nothing is
deduplicated, nobody is woken, reference data stands still.
"""

from collections.abc import Iterator, Sequence
from itertools import starmap
from typing import Any

from pyflink.common import Row, Types
from pyflink.datastream import KeyedProcessFunction, RuntimeContext, StreamExecutionEnvironment
from pyflink.datastream.state import ValueStateDescriptor
from pyflink.table import StreamTableEnvironment

from connectors.registry import Registry
from connectors.settings import settings
from jobs.runtime.environment import job_configuration
from jobs.runtime.records import Inputs, Outputs
from jobs.runtime.streams import OUTPUT_TYPE, kafka_records, kafka_sink, reference_records
from jobs.runtime.wire import Wire
from udfs.contract import Source
from udfs.inventory.domain import INVENTORY
from udfs.inventory.events import EVENTS, POLICIES, StockPolicy

NAME = "naive"


class Reservations(dict[str, Any]):
    """A sku's reservations, part of its one state."""

    def put(self, child_id: str, child: Any, wake_at: int | None = None) -> None:  # noqa: ARG002
        self[child_id] = child

    add = put

    def remove(self, child_id: str) -> None:
        self.pop(child_id, None)


class View:
    """What the rule sees."""

    source: Source | None = None
    answers: Sequence[Any] = ()

    def __init__(self, sku: str, reservations: Reservations):
        self.entity = sku
        self.children: Any = reservations

    def reference(self, topic: str) -> dict[str, Any]:
        return {"*": StockPolicy(sku="*")} if topic == POLICIES else {}


class Decide(KeyedProcessFunction):
    """One record in, rows out."""

    def __init__(self, wire: Wire):
        self._wire = wire

    def open(self, runtime_context: RuntimeContext) -> None:
        self._inputs, self._outputs = Inputs(INVENTORY, self._wire), Outputs(INVENTORY, self._wire)
        kind = Types.PICKLED_BYTE_ARRAY()
        self._state = runtime_context.get_state(ValueStateDescriptor("sku", kind))

    def process_element(self, value: Row, ctx: Any) -> Iterator[Row]:  # noqa: ARG002
        record, key, topic, partition, offset, timestamp = value
        source = (topic, partition, offset, timestamp, bytes(key), bytes(record))
        event, sku = self._inputs.read(source)
        stock, reservations = self._state.value() or (None, Reservations())
        outcome = INVENTORY.rule(stock, event, View(sku or "", reservations))
        self._state.update((outcome.state, reservations))
        yield from starmap(Row, self._outputs.rows(outcome.outputs, event))


def main() -> None:
    tuned = settings().of_job("inventory")
    configuration = job_configuration(tuned)
    configuration.set_string("python.execution-mode", "process")
    env = StreamExecutionEnvironment.get_execution_environment(configuration)
    env.set_parallelism(tuned.parallelism)
    t_env = StreamTableEnvironment.create(env)
    records = kafka_records(t_env, "naive_events", (EVENTS,), tuned)
    stream = reference_records(t_env, records)
    wire = Wire.of(Registry(tuned.registry_url), (EVENTS,), INVENTORY.outputs)
    rows = stream.key_by(lambda row: bytes(row[1]).decode(), Types.STRING())
    t_env.create_temporary_view("naive_rows", rows.process(Decide(wire), OUTPUT_TYPE))
    kafka_sink(t_env, NAME, "naive_rows", INVENTORY.outputs, tuned, exactly_once=True)
    env.execute(NAME)


if __name__ == "__main__":
    from bench import naive  # a worker finds no class of `__main__`

    naive.main()
