"""Stage 3, the rules about tables: how sources are read and sinks are written."""

import re
from collections.abc import Iterator
from typing import Any

from deploy.gate.complaint import KAFKA, Complaint, fields
from jobs.sql.plan import Operator, Plan

# The broker's transaction.max.timeout.ms.
LONGEST_TRANSACTION_MS = 900_000

_SILENT = re.compile(r"(^|\.)ignore-parse-errors$")
_FORMATS = ("format", "value.format", "key.format")


def _lost_rowtime_of_a_sink(_: Plan, operator: Operator) -> Iterator[Complaint]:
    if not operator.is_sink or operator.options.get("connector") not in KAFKA:
        return
    columns = operator.columns
    if not any(c.get("metadataKey") == "timestamp" and not c["isVirtual"] for c in columns):
        yield Complaint(
            "rowtime-lost",
            f"{operator.table_name} does not write its records' time: add a column "
            "TIMESTAMP_LTZ(3) METADATA FROM 'timestamp', or records have the time at which they "
            "were written",
            operator,
            ("CREATE",),
            table=operator.table_name,
        )


def _time_not_written(plan: Plan, operator: Operator) -> Iterator[Complaint]:
    """The insert gives nothing, or the wall clock, as its records' time."""
    if not operator.is_sink or operator.options.get("connector") not in KAFKA:
        return
    persisted = [c for c in operator.columns if c.get("kind") != "COMPUTED"]
    persisted = [c for c in persisted if not c.get("isVirtual")]
    metadata = [c for c in persisted if "metadataKey" in c]
    # A sink takes the physical columns, and then metadata by their keys.
    names = [name for name, _ in fields(operator.raw["outputType"])]
    keys = names[len(persisted) - len(metadata) :]
    if "timestamp" not in keys:
        return
    index = len(names) - len(keys) + keys.index("timestamp")
    feeding = plan.feeding(operator)[0]
    projection = feeding.raw.get("projection")
    if not projection or index >= len(projection):
        return
    written = projection[index]
    if _is_null(written) or _is_wall_clock(written):
        said = "no time" if _is_null(written) else "the wall clock"
        yield Complaint(
            "rowtime-lost",
            f"this gives {operator.table_name}'s records {said} instead of their event time in "
            f"{_named(metadata, 'timestamp')}",
            operator,
            ("INSERT",),
        )


def _source(_: Plan, operator: Operator) -> Iterator[Complaint]:
    if not operator.is_source or operator.options.get("connector") not in KAFKA:
        return
    options, table = operator.options, operator.table_name

    def complaint(rule: str, sentence: str, *words: str) -> Complaint:
        return Complaint(rule, f"{table} {sentence}", operator, words, table=table)

    if not operator.resolved_table["schema"].get("watermarkSpecs"):
        yield complaint(
            "watermark", "has no WATERMARK, so event time never moves; declare one", "CREATE"
        )
    elif "scan.watermark.idle-timeout" not in options:
        yield complaint(
            "idleness",
            "has no 'scan.watermark.idle-timeout': one silent partition would stop event time",
            "WITH",
        )
    if options.get("properties.isolation.level") != "read_committed":
        yield complaint(
            "read-committed",
            "does not read committed records only, and could see what another job takes back: set "
            "'properties.isolation.level' = 'read_committed'",
            "WITH",
        )
    if any(options.get(option) == "avro-confluent" for option in _FORMATS):
        yield complaint(
            "undecodable",
            "is read as avro-confluent, and nothing guards it where it is also written or its key "
            "has columns of its own: a record that does not decode restarts the job for ever; say "
            "in the header why none can come, as `-- undecodable: ...`",
            "'avro-confluent'",
            "WITH",
        )


def _silent_format(_: Plan, operator: Operator) -> Iterator[Complaint]:
    for option, value in operator.options.items():
        if _SILENT.search(option) and value.lower() == "true":
            yield Complaint(
                "silent-loss",
                f"{operator.table_name} drops silently what it cannot parse: remove '{option}'",
                operator,
                (f"'{option}'", "WITH"),
                table=operator.table_name,
            )


def _transaction_timeout(_: Plan, operator: Operator) -> Iterator[Complaint]:
    """Flink's own default is an hour, which the broker refuses when the job starts."""
    options = operator.options
    if not operator.is_sink or options.get("sink.delivery-guarantee") != "exactly-once":
        return
    timeout = options.get("properties.transaction.timeout.ms", "")
    if not timeout.isdigit() or int(timeout) > LONGEST_TRANSACTION_MS:
        yield Complaint(
            "transaction-timeout",
            f"{operator.table_name} must set 'properties.transaction.timeout.ms' to at most "
            f"{LONGEST_TRANSACTION_MS}: the broker refuses longer transactions",
            operator,
            ("'properties.transaction.timeout.ms'", "'sink.delivery-guarantee'", "WITH"),
            table=operator.table_name,
        )


RULES = [
    _lost_rowtime_of_a_sink,
    _time_not_written,
    _source,
    _silent_format,
    _transaction_timeout,
]


def _is_null(expression: Any) -> bool:
    if expression["kind"] == "LITERAL":
        return expression.get("value") is None
    return "CAST" in expression.get("internalName", "") and _is_null(expression["operands"][0])


def _is_wall_clock(expression: Any) -> bool:
    name = expression.get("internalName", "")
    if re.search(
        r"\b(PROCTIME|NOW|CURRENT_TIMESTAMP|LOCALTIMESTAMP|CURRENT_ROW_TIMESTAMP)\b", name
    ):
        return True
    return any(_is_wall_clock(operand) for operand in expression.get("operands", ()))


def _named(columns: list[Any], key: str) -> str:
    return next(str(c["name"]) for c in columns if c.get("metadataKey") == key)
