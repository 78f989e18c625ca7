"""`produce`, `consume`: a topic's records as lines of JSON."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Annotated, BinaryIO

import typer

from connectors import reading
from connectors.codec import Decoder, UndecodableError
from connectors.errors import ShopstreamError
from connectors.kafka import Publisher
from connectors.ndjson import InvalidLineError, LineEncoder, line_of
from connectors.registry import Registry
from connectors.settings import settings
from connectors.topics import Topic, topic

app = typer.Typer()


class Isolation(StrEnum):
    read_committed = "read_committed"
    read_uncommitted = "read_uncommitted"


TopicName = Annotated[str, typer.Argument(metavar="TOPIC", show_default=False)]


@app.command()
def produce(
    topic_name: TopicName,
    file: Annotated[
        Path | None, typer.Option(help="Read from this file instead of standard input.")
    ] = None,
    raw: Annotated[
        bool, typer.Option("--raw", help="The whole input is one record's bytes, sent as they are.")
    ] = False,
    key: Annotated[
        str | None, typer.Option(help="The Kafka key of the --raw record; none if not given.")
    ] = None,
) -> None:
    """Send lines of JSON to a topic as Avro, keyed as declared.

    A line is a record: field names as in the schema, times as epoch ms, bytes as base64. Fields
    with a default may be left out. event_time is also the Kafka timestamp. At the first line that
    is not a record, the ones before it have been sent and the error says how many.
    """
    declared = topic(topic_name)
    if key is not None and not raw:
        fields = "|".join(declared.key)
        raise ShopstreamError(
            f"--key goes with --raw; a record of {topic_name} is keyed by {fields}"
        )
    with _opened(file) as source, Publisher(settings().kafka_bootstrap) as publisher:
        publisher.require(topic_name)
        if raw:
            publisher.send(topic_name, key, source.read())
        else:
            _send_lines(declared, source, publisher)
    print(f"produced {publisher.acknowledged} records to {topic_name}", file=sys.stderr)


def _send_lines(declared: Topic, lines: BinaryIO, publisher: Publisher) -> None:
    schema_id = Registry(settings().registry_url).schema_id(declared)
    try:
        for record in LineEncoder(declared, schema_id).records(lines):
            publisher.send(declared.name, record.key, record.value, record.event_time)
    except InvalidLineError as error:
        publisher.finish()
        raise ShopstreamError(
            f"{error}; produced {publisher.acknowledged} records to {declared.name} before it: "
            "correct the line and send from there"
        ) from error


@contextmanager
def _opened(file: Path | None) -> Iterator[BinaryIO]:
    if file is None:
        yield sys.stdin.buffer
        return
    try:
        stream = file.open("rb")
    except OSError as error:
        raise ShopstreamError(f"cannot read {file}: {error.strerror}") from error
    with stream:
        yield stream


@app.command()
def consume(
    topic_name: TopicName,
    from_beginning: Annotated[
        bool, typer.Option("--from-beginning", help="Start with the oldest record, not the next.")
    ] = False,
    max_records: Annotated[
        int | None, typer.Option("--max", min=1, metavar="N", help="Stop after N records.")
    ] = None,
    timeout_s: Annotated[
        float | None,
        typer.Option(
            "--timeout", min=0, metavar="S", help="Stop when S seconds have brought no new record."
        ),
    ] = None,
    isolation: Annotated[
        Isolation, typer.Option(help="Whether to show what is in open or aborted transactions.")
    ] = Isolation.read_committed,
) -> None:
    """Write a topic's records to standard output, a line of JSON each, and nothing else.

    Times are epoch ms, bytes are base64, and what `consume` writes `produce` reads. Without --max
    and --timeout it follows the topic until Ctrl-C. A record that cannot be decoded is named on
    standard error; the others are still shown, and the exit status is 1. Deletions (records
    without a value in a compacted topic) are named there too, and are no error.
    """
    declared = topic(topic_name)
    decoder = Decoder(topic_name, declared.avro_schema, Registry(settings().registry_url).lookup)
    undecodable = 0
    try:
        records = reading.records(
            settings().kafka_bootstrap,
            topic_name,
            from_beginning=from_beginning,
            most=max_records,
            quiet_s=timeout_s,
            isolation=isolation.value,
            ready=lambda: print(f"consuming {topic_name}", file=sys.stderr, flush=True),
        )
        for record in records:
            if record.value is None and declared.cleanup == "compact":
                print(f"{record.coordinates}: deletes {record.key!r}", file=sys.stderr)
                continue
            try:
                line = line_of(decoder.decode(record.value))
            except UndecodableError as error:
                undecodable += 1
                print(f"{record.coordinates}: {error}", file=sys.stderr)
                continue
            sys.stdout.buffer.write(line + b"\n")
            sys.stdout.buffer.flush()
    except KeyboardInterrupt:
        pass
    except BrokenPipeError:  # the reader, such as `head`, has had enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    if undecodable:
        raise ShopstreamError(f"{undecodable} records of {topic_name} could not be decoded")
