"""The stateful operators of a job and their uids, as Flink plans them."""

import hashlib
from typing import Any

import jobs
from connectors.settings import settings
from deploy.gate.session import Session, prepare
from deploy.states.kept import NOWHERE, of_domains
from jobs.sql import parameters
from jobs.sql.room import SQL, Folder, room_of
from udfs.contract import Domain


def of_job(name: str) -> dict[str, Any]:
    """What the list says of a job."""
    domains = jobs.domains(name)
    if not domains:
        return {"uids": _of_folder(name)}
    return {
        "buckets": settings().of_job(name).buckets,
        "uids": _of_graph(name, domains),
        "states": of_domains(domains),
    }


def _of_folder(name: str) -> dict[str, str]:
    """Lasting id, with which the uid begins -> what the operator holds, of a job that is SQL."""
    from jobs.sql.planner import compile_inserts

    path = SQL / name
    folder = Folder(path, room_of(path), parameters.of_environment(settings()))
    session = Session(folder)
    session.make(folder.needs(ready.statement for ready in folder.inserts))
    plan = compile_inserts(session.t_env, folder.inserts).with_lasting_ids()
    found = {}
    for operator in sorted(plan.operators, key=lambda operator: plan.names[operator.id]):
        if operator.has_state:
            types = hashlib.sha256("\n".join(plan.row_types(operator)).encode()).hexdigest()
            found[str(operator.id)] = f"{plan.names[operator.id]}, row types {types[:8]}"
    return found


def _of_graph(name: str, domains: list[Domain]) -> dict[str, str]:
    """uid -> name of each operator that keeps state, of a job on DataStreams."""
    prepare()
    from jobs.runtime.environment import stream_environment
    from jobs.runtime.job import add

    tuned = settings().of_job(name)
    env, t_env = stream_environment(tuned)
    for domain in domains:
        add(domain, t_env, NOWHERE, {}, tuned)
    graph = env._generate_stream_graph(clear_transformations=True, job_name=name)
    found = {}
    for node in graph.getStreamNodes().toArray():
        if _keeps_state(graph, node):
            found[str(node.getTransformationUID())] = str(node.getOperatorName())
    return dict(sorted(found.items()))


def _keeps_state(graph: Any, node: Any) -> bool:
    """Keyed or broadcast state, a source's offsets, a sink's transactions."""
    name = str(node.getOperatorName())
    return (
        node.getStateKeySerializer() is not None
        or node.getId() in set(graph.getSourceIDs().toArray())
        or name.endswith((": Writer", ": Committer"))
    )
