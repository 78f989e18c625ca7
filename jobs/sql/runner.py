"""A folder of SQL as a job: one statement set, one compiled plan with lasting uids."""

import json
from pathlib import Path

from pyflink.table import CompiledPlan, PlanReference, TableResult

from connectors.errors import ShopstreamError
from connectors.registry import Registry
from connectors.settings import Settings, settings
from jobs.runtime.environment import stream_environment
from jobs.sql import parameters
from jobs.sql.planner import compile_folder, configure, make, register
from jobs.sql.room import SQL, Folder, room_of


def run_folder(folder: str | Path) -> None:
    """Plan a folder and hand it to the cluster: a domain of `sql/` by name, any other by path.

    The job is named as the folder, and tuned by `[jobs.<name>]` of the settings.
    """
    path = SQL / folder if isinstance(folder, str) else folder.resolve()
    tuned = settings().of_job(path.name)
    Registry(tuned.registry_url).wait(print)
    run(path, tuned)


def run(path: Path, tuned: Settings) -> TableResult:
    """As `run_folder`, with the settings to use. Raises ShopstreamError if nothing is inserted."""
    folder = Folder(path, room_of(path), parameters.of_environment(tuned))
    if not folder.inserts:
        raise ShopstreamError(f"{path} has no INSERT INTO, so there is nothing to run")
    _, t_env = stream_environment(tuned)
    configure(t_env)
    t_env.get_config().set("pipeline.name", folder.name)
    register(t_env, folder.functions)
    plan = compile_folder(t_env, folder, make(t_env, folder)).with_lasting_ids()
    reference = PlanReference.from_json_string(json.dumps(plan.raw))
    # PyFlink's own load_plan hands its Java side to a plan that then asks it for what is Python's.
    return CompiledPlan(t_env._j_tenv.loadPlan(reference._j_plan_reference), t_env).execute()
