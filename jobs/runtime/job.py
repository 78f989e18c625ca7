"""From a domain's declaration to a running job."""

from pyflink.datastream import DataStream, KeyedStream

from connectors.reading import last_offsets
from connectors.registry import Registry
from connectors.settings import Settings
from jobs.runtime.dead_letters import DEAD_LETTERS
from jobs.runtime.decision import DecisionFunction
from jobs.runtime.environment import stream_environment
from jobs.runtime.reference import reference_descriptor
from jobs.runtime.streams import (
    OUTPUT_TYPE,
    batches_by_bucket,
    kafka_records,
    reference_records,
    transactional_sink,
)
from jobs.runtime.wire import Wire
from udfs.contract import Domain


def run(domain: Domain, settings: Settings) -> None:
    """Build `domain`'s job on the real topics and hand it to the cluster."""
    env, t_env = stream_environment(settings)
    events = kafka_records(t_env, f"{domain.name}_events", domain.inputs, settings)
    known = kafka_records(t_env, f"{domain.name}_reference", domain.reference, settings)
    outputs = (*domain.outputs, DEAD_LETTERS)
    wire = Wire.of(Registry(settings.registry_url), (*domain.inputs, *domain.reference), outputs)
    function = DecisionFunction(
        domain,
        wire,
        last_offsets(settings.kafka_bootstrap, domain.reference),
        settings.batch_ms,
    )
    rows = build(
        batches_by_bucket(t_env, events, settings), reference_records(t_env, known), function
    )
    transactional_sink(t_env, f"{domain.name}_outputs", rows, outputs, settings)
    env.execute(domain.name)


def build(batches: KeyedStream, reference: DataStream, function: DecisionFunction) -> DataStream:
    """Decide: batches and broadcast reference records in, rows for topics out."""
    return (
        batches.connect(reference.broadcast(reference_descriptor()))
        .process(function, OUTPUT_TYPE)
        .name(f"{function.name}: decide")
        .uid(f"{function.name}-decide")
    )
