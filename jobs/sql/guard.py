"""How a table of Avro records is read: what is no record of it goes to the dead letters.

`avro-confluent` stops the job at a record that does not decode, for ever. So a table that is read
is made in the database `guard`, with our format that makes an error of such a record, and with the
record's coordinates; what SQL names is a view of the good rows. Broken are also the records that
decode to what cannot be: an event time before 1970 or more than an hour after its record, and what
the table's header excludes:

-- valid: quantity > 0
-- valid: event_type IN ('PAGE_VIEW', 'ADD_TO_CART',
--   'SEARCH')

A condition that is neither true nor false, for a null, excludes nothing. What a condition may name
besides the table's columns is in `ADDED`. A broken record moves no watermark, and none moves it
past its own time: one visitor's fast clock would make all others late.

A table of the latest row per key (`upsert-kafka`) is read as it is, without what does not decode: a
view that left rows out would take away the rows before them. Its dead letters come from a second
look at the topic. Conditions are not for such a table, and a record without a value deletes.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from connectors.errors import ShopstreamError
from jobs.runtime.attempts import ATTEMPT_HEADER
from jobs.sql.parameters import Parameter
from jobs.sql.statements import Token
from jobs.sql.tables import Edit, Element, TableStatement

DATABASE = "guard"
_PLAIN, _GUARDED = "avro-confluent", "avro-confluent-guarded"
_VALID = "valid:"
_RECORD_TIME = "CAST(source_timestamp AS TIMESTAMP(3))"
_AHEAD = "INTERVAL '1' HOUR"  # as far as Kafka lets a record's timestamp be ahead of its clock

# The record's own columns, beside the table's.
ADDED = {
    "source_topic": "STRING NOT NULL METADATA FROM 'topic' VIRTUAL",
    "source_partition": "INT NOT NULL METADATA FROM 'partition' VIRTUAL",
    "source_offset": "BIGINT NOT NULL METADATA FROM 'offset' VIRTUAL",
    "source_timestamp": "TIMESTAMP_LTZ(3) NOT NULL METADATA FROM 'timestamp' VIRTUAL",
    "record_headers": "MAP<STRING, BYTES> METADATA FROM 'headers' VIRTUAL",
    "record_value": "BYTES METADATA FROM 'value.raw' VIRTUAL",
    "record_bytes": "INT NOT NULL METADATA FROM 'value.size' VIRTUAL",
    "decoding_error": "STRING METADATA FROM 'value.error' VIRTUAL",
    "record_key": "BYTES",
}


@dataclass(frozen=True)
class Guard:
    """A guarded table. `making`: the statements that make it as SQL names it.

    conditions: what a good row fulfils, as SQL -> what to say of a row that does not.
    deletes: whether a record without a value is good.
    """

    name: str
    topic: str
    making: tuple[str, ...]
    conditions: Mapping[str, str]
    deletes: bool

    def letters(self, job: str) -> str:
        """The query of its dead letters, in the order of the dead letters' columns."""
        broken = ["decoding_error IS NOT NULL"] + [f"({c}) IS FALSE" for c in self.conditions]
        where = " OR ".join(broken)
        if self.deletes:
            where = f"({where}) AND record_value IS NOT NULL"
        reasons = "".join(
            f" WHEN ({condition}) IS FALSE THEN {_quoted(reason)}"
            for condition, reason in self.conditions.items()
        )
        time = _RECORD_TIME
        return f"""SELECT
            {_quoted(f"{job}/")} || source_topic || '/' || CAST(source_partition AS STRING)
                || '/' || CAST(source_offset AS STRING),
            {time}, source_topic, source_partition, source_offset, {time}, record_key,
            record_value, {_quoted(job)},
            CASE WHEN decoding_error IS NOT NULL
                THEN 'UndecodableError' ELSE 'InvalidEventError' END,
            CASE WHEN decoding_error IS NOT NULL THEN decoding_error{reasons} ELSE '' END,
            COALESCE(
                TRY_CAST(DECODE(record_headers['{ATTEMPT_HEADER}'], 'UTF-8') AS INT), 1
            ),
            source_timestamp
            FROM `{DATABASE}`.`{self.name}`
            WHERE {where}"""


def guarded(name: str, sql: str, comments: Sequence[Token]) -> Guard | None:
    """The guard of the table `name` that `sql` makes; None for one that needs none.

    comments: those of its file, whose header may have conditions.
    Raises ValueError for a header that asks for what cannot be.
    """
    table = TableStatement.of(sql)
    if table is None or table.option("connector") not in ("kafka", "upsert-kafka"):
        return None
    if _PLAIN not in (table.option("format"), table.option("value.format")):
        return None
    if table.option("value.fields-include") == "EXCEPT_KEY" or table.option("topic") is None:
        return None
    valid = _conditions(token.text.removeprefix("--") for token in comments)
    return (_appended if table.option("connector") == "kafka" else _latest)(name, table, valid)


def _conditions(lines: Iterable[str]) -> list[str]:
    """A line that goes on is indented further."""
    found: list[str] = []
    goes_on = False
    for line in lines:
        begins = line.strip().startswith(_VALID)
        goes_on = begins or (goes_on and line.startswith("   "))
        if begins:
            found.append(line.strip().removeprefix(_VALID).strip())
        elif goes_on:
            found[-1] += f" {line.strip()}"
    return found


def _appended(name: str, table: TableStatement, valid: Sequence[str]) -> Guard:
    watermark = table.element("WATERMARK")
    conditions = _times(table, watermark) | {c: f"expected {c}" for c in valid}
    edits = [*_read_guarded(table), *_with_coordinates(name, table)]
    if watermark is not None and conditions:
        # WATERMARK FOR event_time AS ...
        begins = watermark.tokens[4].start
        good = " AND ".join(f"({condition}) IS NOT FALSE" for condition in conditions)
        edits.append(Edit(begins, begins, f"CASE WHEN {good} THEN LEAST("))
        edits.append(
            Edit(watermark.stop, watermark.stop, f", {_record_time(table, watermark)}) END")
        )
    columns = ", ".join(f"`{each.name}`" for each in table.elements if not each.kind)
    good = " AND ".join(
        ["decoding_error IS NULL", *(f"({condition}) IS NOT FALSE" for condition in conditions)]
    )
    making = (
        f"CREATE DATABASE IF NOT EXISTS `{DATABASE}`",
        table.edited(edits),
        f"CREATE TEMPORARY VIEW `{name}` AS "
        f"SELECT {columns} FROM `{DATABASE}`.`{name}` WHERE {good}",
    )
    return Guard(name, _topic(table), making, conditions, deletes=False)


def _latest(name: str, table: TableStatement, valid: Sequence[str]) -> Guard:
    if valid:
        raise ValueError(
            "a table of the latest row per key has no valid rows: one left out would take the row "
            "before it away; check where it is used"
        )
    letters = [*_read_guarded(table), *_with_coordinates(name, table)]
    letters += [table.without(each) for each in table.elements if each.kind]
    letters += [
        table.with_option("connector", "kafka"),
        table.with_option("scan.startup.mode", "earliest-offset"),
        *(table.without_option(each) for each in table.options if each.key.startswith("sink.")),
    ]
    making = (
        f"CREATE DATABASE IF NOT EXISTS `{DATABASE}`",
        table.edited(letters),
        table.edited(_read_guarded(table)),
    )
    return Guard(name, _topic(table), making, {}, deletes=True)


def _record_time(table: TableStatement, watermark: Element) -> str:
    """The record's own time, of the type that the table's event time has."""
    column = table.column(watermark.name)
    is_local = column is not None and "TIMESTAMP_LTZ" in {token.word for token in column.tokens}
    return "source_timestamp" if is_local else _RECORD_TIME


def _times(table: TableStatement, watermark: Element | None) -> dict[str, str]:
    """What the runtime of the Python jobs demands of an event's time, too."""
    column = table.column(watermark.name) if watermark else None
    if column is None or not column.is_physical:
        return {}
    time = f"CAST(`{column.name}` AS TIMESTAMP(3))"
    latest = f"{_RECORD_TIME} + {_AHEAD}"
    return {
        f"{time} >= TIMESTAMP '1970-01-01 00:00:00'": f"expected {column.name} of 1970 or later",
        f"{time} <= {latest}": f"expected {column.name} of at most an hour after its record's time",
    }


def _read_guarded(table: TableStatement) -> list[Edit]:
    """The same table, read with the guarded format."""
    edits = []
    for option in table.options:
        if option.key in ("format", "value.format"):
            edits.append(table.with_option(option.key, _GUARDED))
        elif re.match(rf"(value\.)?{_PLAIN}\.", option.key):
            key = option.key.replace(_PLAIN, _GUARDED, 1)
            edits.append(Edit(option.key_token.start, option.key_token.stop, _quoted(key)))
    return edits


def _with_coordinates(name: str, table: TableStatement) -> list[Edit]:
    """The table in the guard's database, with the record's key and coordinates as columns.

    Metadata can be one column only: what the table names itself becomes another name of ours.
    """
    ours = {
        key[1]: column
        for column, type_ in ADDED.items()
        if (key := re.search("METADATA FROM '(.+?)'", type_))
    }
    renamed = [each for each in table.elements if each.metadata in ours]
    added = [f"{column} {type_}" for column, type_ in ADDED.items()]
    added += [f"`{each.name}` AS `{ours[each.metadata]}`" for each in renamed]
    return [
        *(table.without(each) for each in renamed),
        Edit(table.target.start, table.target.stop, f"`{DATABASE}`.`{name}`"),
        Edit(table.columns_end, table.columns_end, ", " + ", ".join(added)),
        table.with_option("key.format", "raw"),
        table.with_option("key.fields", "record_key"),
        table.with_option("value.fields-include", "EXCEPT_KEY"),
    ]


def _topic(table: TableStatement) -> str:
    topic = table.option("topic")
    assert topic is not None
    return topic


def dead_letters(
    job: str, guards: Sequence[Guard], known: Mapping[str, Parameter]
) -> tuple[str, str]:
    """The dead letters' table, and the insert into it; a topic is looked at once.

    At least once, as soon as they come: a repeat has the same event_id.
    """
    by_topic: dict[str, Guard] = {}
    for guard in sorted(guards, key=lambda guard: (guard.deletes, guard.name)):
        first = by_topic.setdefault(guard.topic, guard)
        if not guard.deletes and guard.conditions != first.conditions:
            raise ShopstreamError(
                f"{first.name} and {guard.name} read {guard.topic}, so their headers must call the "
                "same rows valid, and their event time the same column"
            )
    queries = " UNION ALL ".join(guard.letters(job) for guard in by_topic.values())
    sink = f"""
        CREATE TABLE `{DATABASE}`.`dlq` (
            event_id STRING NOT NULL,
            event_time TIMESTAMP(3) NOT NULL,
            source_topic STRING NOT NULL,
            source_partition INT NOT NULL,
            source_offset BIGINT NOT NULL,
            source_timestamp TIMESTAMP(3) NOT NULL,
            record_key BYTES,
            record_value BYTES,
            job STRING NOT NULL,
            error_class STRING NOT NULL,
            error_message STRING NOT NULL,
            attempt INT NOT NULL,
            record_time TIMESTAMP_LTZ(3) METADATA FROM 'timestamp'
        ) WITH (
            'connector' = 'kafka',
            'topic' = 'dlq',
            'properties.bootstrap.servers' = {known["kafka_bootstrap"].as_sql()},
            'properties.max.request.size' = '4194304',
            'properties.linger.ms' = '0',
            'sink.delivery-guarantee' = 'at-least-once',
            'key.format' = 'raw',
            'key.fields' = 'source_topic',
            'value.format' = 'avro-confluent',
            'value.avro-confluent.url' = {known["registry_url"].as_sql()},
            'value.avro-confluent.schema' = {known["schema_dlq"].as_sql()}
        )"""
    return sink, f"INSERT INTO `{DATABASE}`.`dlq` {queries}"


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
