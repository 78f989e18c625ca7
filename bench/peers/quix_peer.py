"""The jobs in Quix Streams, with the guarantee of ours and commits every second."""

from tempfile import mkdtemp

from peer_jobs import JOBS
from quixstreams import Application
from quixstreams.models.serializers import Serializer
from wire import Wire


class Encoded(Serializer):
    """Of a row (topic, key, value), the value."""

    def __call__(self, row, ctx):  # type: ignore[no-untyped-def] # noqa: ARG002
        return row[2]


def main() -> None:
    wire = Wire(tuple(JOBS))
    told, job = wire.told, JOBS[wire.told.job]
    app = Application(
        told.bootstrap,
        consumer_group=told.group,
        auto_offset_reset="earliest",
        processing_guarantee=told.guarantee,
        commit_interval=1.0,
        state_dir=mkdtemp(prefix=told.group),
        loglevel="WARNING",
    )
    source = app.topic(told.source, value_deserializer="bytes", key_deserializer="str")

    def stepped(event, state):  # type: ignore[no-untyped-def]
        return [(topic, key, wire.encode(topic, row)) for topic, key, row in job.step(state, event)]

    events = app.dataframe(source).apply(wire.decode).filter(lambda event: bool(event[job.key]))
    if job.key != job.input_key:
        events = events.group_by(job.key)
    rows = events.apply(stepped, stateful=True, expand=True)
    for topic in wire.topics:
        target = app.topic(topic, value_serializer=Encoded(), key_serializer="str")
        of_topic = rows.filter(lambda row, topic=topic: row[0] == topic)
        of_topic.to_topic(target, key=lambda row: row[1])
    app.run()


if __name__ == "__main__":
    main()
