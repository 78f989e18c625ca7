"""The jobs in Quix Streams, with the guarantee of ours and commits every second."""

from functools import partial, reduce
from tempfile import mkdtemp
from typing import Any

from peer_jobs import Job, job_of
from quixstreams import Application
from quixstreams.models import TopicConfig
from quixstreams.models.serializers import Serializer
from wire import Wire

PARTITIONS = 4


class Encoded(Serializer):
    """Of a row (topic, key, value), the value."""

    def __call__(self, row, ctx):  # type: ignore[no-untyped-def] # noqa: ARG002
        return row[2]


def main() -> None:
    wire = Wire()
    told, job = wire.told, job_of(wire.told)
    app = Application(
        told.bootstrap,
        consumer_group=told.group,
        auto_offset_reset="earliest",
        processing_guarantee=told.guarantee,
        commit_interval=1.0,
        state_dir=mkdtemp(prefix=told.group),
        loglevel="WARNING",
    )

    sources = [_read(app, wire, job, name) for name in told.sources]
    events = reduce(lambda one, other: one.concat(other), sources)
    step = job.step
    if job.links is not None:
        step = job.links.gathered
        events = _answered(app, job.links, events)

    def stepped(event, state):  # type: ignore[no-untyped-def]
        return [(topic, *wire.encode(topic, row)) for topic, row in step(state, event)]

    rows = events.apply(stepped, stateful=True, expand=True)
    for topic in wire.topics:
        target = app.topic(topic, value_serializer=Encoded(), key_serializer="str")
        of_topic = rows.filter(lambda row, topic=topic: row[0] == topic)
        of_topic.to_topic(target, key=lambda row: row[1])
    app.run()


def _read(app: Application, wire: Wire, job: Job, name: str) -> Any:
    """The events of a topic; by the job's key, unless links bring them to it."""
    source = app.topic(name, value_deserializer="bytes", key_deserializer="str")
    events = app.dataframe(source).apply(partial(wire.decode, name))
    if job.links is not None:
        return events
    events = events.filter(lambda event: bool(event[job.key]))
    if wire.told.sources[name].key == [job.key]:
        return events
    # as a string, as the other topics' keys are: else one key would have several partitions
    return events.group_by(job.key, key_serializer="str", key_deserializer="str")


def _answered(app: Application, rules: Any, events: Any) -> Any:
    """Events with their links' answers, by way of a topic of questions and one of answers."""
    config = TopicConfig(num_partitions=PARTITIONS, replication_factor=1)
    questions, answers = (
        app.topic(f"{name}-of-{app.config.consumer_group}", key_serializer="str",
                  key_deserializer="str", config=config)
        for name in ("questions", "answers")
    )  # fmt: skip
    asked = events.apply(rules.touched, expand=True)
    asked.filter(lambda one: one["link"] is not None).to_topic(questions, lambda one: one["link"])
    asked.filter(lambda one: one["link"] is None).to_topic(answers, lambda one: one["entity"])
    linked = app.dataframe(questions).apply(
        lambda one, state: rules.linked(state, one), stateful=True
    )
    linked.filter(lambda one: one["entity"] is not None).to_topic(
        answers, lambda one: one["entity"]
    )
    return app.dataframe(answers)


if __name__ == "__main__":
    main()
