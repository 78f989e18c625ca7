"""From a domain's declaration to a running job."""

from collections.abc import Callable

from pyflink.common import Types
from pyflink.datastream import DataStream, KeyedStream
from pyflink.table import StreamTableEnvironment

from connectors.reading import last_offsets
from connectors.registry import Registry
from connectors.settings import Settings
from jobs.runtime.arrivals import ARRIVALS
from jobs.runtime.dead_letters import DEAD_LETTERS
from jobs.runtime.decision import DecisionFunction, needs_intake
from jobs.runtime.environment import stream_environment
from jobs.runtime.intake import IntakeFunction
from jobs.runtime.links import LinksFunction
from jobs.runtime.outage import OutageCheck
from jobs.runtime.reference import reference_descriptor
from jobs.runtime.streams import (
    PACKED_ROWS_TYPE,
    PACKED_TYPE,
    TRANSACTION_LINGER_MS,
    batches_by_bucket,
    kafka_records,
    kafka_sink,
    keyed_by_first_field,
    reference_records,
    unpacked,
)
from jobs.runtime.wire import Wire
from udfs.contract import Domain

OF_EVERY_JOB = (DEAD_LETTERS, ARRIVALS)
ANSWER_LINGER_MS, LOG_LINGER_MS = 2, 200


def run(name: str, domains: list[Domain], settings: Settings) -> None:
    """Build the job `name` of its domains on the real topics and hand it to the cluster."""
    tuned = settings.of_job(name)
    registry = Registry(tuned.registry_url)
    registry.wait(print)
    env, t_env = stream_environment(tuned)
    outage = OutageCheck(
        tuned.kafka_bootstrap, tuned.checkpoints / name, tuned.transaction_timeout_ms
    )
    for domain in domains:
        read = (*domain.inputs, *domain.reference)
        wire = Wire.of(registry, read, (*domain.outputs, *OF_EVERY_JOB))
        awaited = last_offsets(tuned.kafka_bootstrap, domain.reference)
        add(domain, t_env, wire, awaited, tuned, outage)
    env.execute(name)


def add(
    domain: Domain,
    t_env: StreamTableEnvironment,
    wire: Wire,
    awaited: dict[tuple[str, int], int],
    settings: Settings,
    before_start: Callable[[], None] = lambda: None,
) -> None:
    """Add a domain to a job, from its topics to its topics; `wire`, `awaited` as of `build`."""
    table = domain.name.replace("-", "_")
    events = kafka_records(
        t_env, f"{table}_events", domain.inputs, settings, settings.fetch_wait_ms
    )
    known = kafka_records(t_env, f"{table}_reference", domain.reference, settings)
    rows = build(
        batches_by_bucket(t_env, events, settings),
        reference_records(t_env, known),
        domain,
        wire,
        awaited,
        settings,
        before_start,
    )
    _write(t_env, rows, domain, settings)


def _write(
    t_env: StreamTableEnvironment, rows: DataStream, domain: Domain, settings: Settings
) -> None:
    """What an event caused becomes readable together, or, at least once, as it is decided.

    Then the answers, which somebody waits for, do not wait for the log of them as well, and that is
    sent a few times a second.
    """
    table = domain.name.replace("-", "_")
    t_env.create_temporary_view(f"{table}_rows", rows)
    exactly_once = not domain.at_least_once
    if exactly_once:
        sinks = [("outputs", (*domain.outputs, *OF_EVERY_JOB), TRANSACTION_LINGER_MS)]
    else:
        sinks = [
            ("outputs", domain.outputs, ANSWER_LINGER_MS),
            ("at_once", OF_EVERY_JOB, LOG_LINGER_MS),
        ]
    for suffix, topics, linger_ms in sinks:
        name = f"{table}_{suffix}"
        kafka_sink(
            t_env,
            name,
            f"{table}_rows",
            topics,
            settings,
            exactly_once=exactly_once,
            linger_ms=linger_ms,
        )


def build(
    batches: KeyedStream,
    reference: DataStream,
    domain: Domain,
    wire: Wire,
    awaited: dict[tuple[str, int], int],
    settings: Settings,
    before_start: Callable[[], None] = lambda: None,
) -> DataStream:
    """Decide: batches and broadcast reference records in, rows for topics out."""
    function = DecisionFunction(domain, wire, awaited, settings.batch_ms, before_start)
    return decided_by(function, batches, reference, domain, wire, settings)


def decided_by(
    function: DecisionFunction,
    batches: KeyedStream,
    reference: DataStream,
    domain: Domain,
    wire: Wire,
    settings: Settings,
) -> DataStream:
    """As `build`, by a decision operator that is already made.

    Where the Kafka key is not all that decides who has to see an event, the intake reads it first,
    and sends it by way of its links, if it has any, to the bucket of its entity.

    before_start: called by each subtask that decides, before it starts or starts again.
    """
    name = domain.name
    if needs_intake(domain):
        packed = (
            batches.process(IntakeFunction(domain, wire, settings.buckets), PACKED_TYPE)
            .name(f"{name}: read")
            .uid(f"{name}-read")
        )
        if domain.links is not None:
            packed = (
                keyed_by_first_field(packed, Types.INT())
                .process(LinksFunction(domain, wire, settings.batch_ms), PACKED_TYPE)
                .name(f"{name}: links")
                .uid(f"{name}-links")
            )
        batches = keyed_by_first_field(packed, Types.INT())
    decided = (
        batches.connect(reference.broadcast(reference_descriptor()))
        .process(function, PACKED_ROWS_TYPE)
        .name(f"{name}: decide")
        .uid(f"{name}-decide")
    )
    return unpacked(decided, name)
