"""Compiled plans written by hand, as small as a test needs them."""

import itertools
import json
from typing import Any

from jobs.sql.plan import Plan


def scan(table: str) -> dict[str, Any]:
    return _table("table-source-scan_2", "scanTableSource", table, "TableSourceScan(...)")


def sink(table: str) -> dict[str, Any]:
    return _table("sink_2", "dynamicTableSink", table, f"Sink(table=[{table}])")


def calc(does: str) -> dict[str, Any]:
    return {
        "type": "stream-exec-calc_1",
        "description": f"Calc({does})",
        "outputType": "ROW<`x` INT>",
    }


def group(does: str, ttl: str = "0 ms", row: str = "ROW<`k` INT, `n` BIGINT>") -> dict[str, Any]:
    state = [{"index": 0, "ttl": ttl, "name": "groupAggregateState"}]
    return {
        "type": "stream-exec-group-aggregate_1",
        "description": f"GroupAggregate({does})",
        "state": state,
        "outputType": row,
    }


def plan(*chains: list[dict[str, Any]], first_id: int = 1) -> Plan:
    """Each chain from a source to a sink; a node that is the same object is shared by chains."""
    nodes: dict[int, dict[str, Any]] = {}
    edges = []
    for chain in chains:
        for node in chain:
            nodes.setdefault(id(node), {**node, "id": first_id + len(nodes)})
        for source, target in itertools.pairwise(chain):
            edge = {"source": nodes[id(source)]["id"], "target": nodes[id(target)]["id"]}
            edges += [] if edge in edges else [edge]
    return Plan.of(json.dumps({"flinkVersion": "2.3", "nodes": [*nodes.values()], "edges": edges}))


def _table(kind: str, holder: str, table: str, description: str) -> dict[str, Any]:
    resolved = {"schema": {"columns": []}, "options": {"connector": "kafka", "topic": table}}
    identifier = f"`default_catalog`.`default_database`.`{table}`"
    return {
        "type": f"stream-exec-{kind}",
        holder: {"table": {"identifier": identifier, "resolvedTable": resolved}},
        "description": description,
        "outputType": "ROW<`x` INT>",
    }
