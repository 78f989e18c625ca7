"""`dlq list`, `dlq show`, `dlq replay`: what could not be processed, and putting it back."""

import json
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated, Any

import msgspec
import typer
from rich.console import Console
from rich.table import Table

from connectors.codec import Decoder
from connectors.errors import ShopstreamError
from connectors.registry import Registry
from connectors.settings import settings
from connectors.topics import TOPICS
from deploy.letters.ledger import Replay, history, replays
from deploy.letters.letters import Letter, Selection, grouped, letters
from deploy.letters.replay import Replayer

app = typer.Typer(no_args_is_help=True, help="Dead letters: what could not be processed.")
console = Console()
SHOWN_BYTES = 256

Job = Annotated[str | None, typer.Option(help="Only letters of this job.")]
Topic = Annotated[str | None, typer.Option(help="Only letters on records of this topic.")]
Reason = Annotated[
    str | None,
    typer.Option(help="Only letters of this error class, or with this text in them."),
]
AsJson = Annotated[bool, typer.Option("--json", help="JSON on standard output.")]
RECORD = "TOPIC/PARTITION/OFFSET"


@app.command(name="list")
def list_(
    job: Job = None, topic: Topic = None, reason: Reason = None, as_json: AsJson = False
) -> None:
    """Count the letters by job, topic and reason."""
    selection = Selection(job, topic, reason)
    found = grouped(filter(selection.takes, letters(settings())), replays(settings()))
    if as_json:
        print(json.dumps([asdict(group) for group in found], indent=2))
        return
    table = Table("job", "topic", "reason", "letters", "replayed", "latest (UTC)", "latest record")
    for group in found:
        table.add_row(
            group.job,
            group.topic,
            group.reason,
            str(group.letters),
            str(group.replayed),
            group.latest,
            group.records[-1],
        )
    console.print(table)


@app.command()
def show(
    record: Annotated[str, typer.Argument(metavar=RECORD, help="Where the record stands.")],
    as_json: AsJson = False,
) -> None:
    """Show all letters on a record, with its content and what became of each attempt."""
    found = history(record, letters(settings()), replays(settings()))
    if not found:
        raise ShopstreamError(
            f"there is no letter on {record}; expected {RECORD}, as `shopstream dlq list` shows it"
        )
    if as_json:
        print(json.dumps([_plain(*one) for one in found], indent=2))
        return
    for letter, replay in found:
        console.print(_described(letter, replay), markup=False, highlight=False, soft_wrap=True)


@app.command()
def replay(
    record: Annotated[
        list[str] | None, typer.Argument(metavar=f"[{RECORD}]...", help="Only these records.")
    ] = None,
    job: Job = None,
    topic: Topic = None,
    reason: Reason = None,
) -> None:
    """Put the letters' records back to their topics, each once, also when this is interrupted.

    All that read a topic read its record again, so all must know a repeat by its event_id. One that
    fails again is a letter again, whose attempt counts on.
    """
    selection = Selection(job, topic, reason, frozenset(record or ()))
    selected = filter(selection.takes, letters(settings()))
    with console.status("putting records back"):
        outcome = Replayer(settings()).put_back(selected)
    topics = f" to {', '.join(sorted(outcome.topics))}" if outcome.topics else ""
    console.print(f"put back {outcome.replayed} records{topics}", soft_wrap=True)
    if outcome.before:
        console.print(f"{outcome.before} letters are on records that were put back before")
    if outcome.overtaken:
        console.print(
            f"{outcome.overtaken} records are left: their topics keep the latest record of a key, "
            "and theirs have later ones",
            soft_wrap=True,
        )
    if outcome.without_record:
        console.print(f"{outcome.without_record} letters are on wake-ups, which have no record")


def _content(letter: Letter) -> dict[str, Any] | None:
    """The record, if it decodes: then it is its content that was refused."""
    declared = TOPICS.get(letter.source_topic)
    if declared is None:
        return None
    lookup = Registry(settings().registry_url).lookup
    try:
        return Decoder(declared.name, declared.avro_schema, lookup).decode(letter.record_value)
    except ValueError:
        return None


def _plain(letter: Letter, replay: Replay | None) -> dict[str, Any]:
    """As JSON has it, bytes as base64."""
    content = _content(letter)
    plain: dict[str, Any] = msgspec.to_builtins(letter)
    plain["content"] = msgspec.to_builtins(content)
    plain["replayed_as"] = None if replay is None else replay.replayed_as
    return plain


def _described(letter: Letter, replay: Replay | None) -> str:
    value, content = letter.record_value, _content(letter)
    written = datetime.fromtimestamp(letter.source_timestamp / 1000, UTC)
    lines = [
        f"{letter.record}, attempt {letter.attempt} by {letter.job}",
        f"  reason    {letter.error_class}: {letter.error_message}",
        f"  written   {written:%Y-%m-%d %H:%M:%S.%f} UTC",
        f"  key       {letter.record_key!r}",
    ]
    if content is not None:
        lines.append(f"  content   {msgspec.json.encode(content).decode()}")
    elif value is None:
        lines.append("  value     none")
    else:
        lines.append(f"  value     {len(value)} bytes{', of which' * (len(value) > SHOWN_BYTES)}")
        for at in range(0, min(len(value), SHOWN_BYTES), 16):
            row = value[at : at + 16]
            text = "".join(chr(byte) if 32 <= byte < 127 else "." for byte in row)
            lines.append(f"    {at:04x}  {row.hex(' '):47}  {text}")
    lines.append(
        "  replayed  not yet" if replay is None else f"  replayed  as {replay.replayed_as}"
    )
    return "\n".join(lines)
