"""Jobs handed to the cluster by Flink's own client, a process that ends when it has done so."""

import os
import re
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from connectors.errors import ShopstreamError
from connectors.settings import Settings
from deploy.causes import refusal
from deploy.stack.flink import client_command, flink_environment
from deploy.stack.paths import StackPaths

DEADLINE_S = 180.0
EACH_S = 30.0


def submit(
    settings: Settings,
    names: Sequence[str],
    program: Sequence[str],
    options: Mapping[str, str],
    variables: Mapping[str, str],
    drop_lost_state_of: Path | None = None,
) -> list[str]:
    """Run a program, a module and its arguments, that submits the jobs `names`; returns their ids.

    options: of Flink, for all of them. variables: of the program's environment.
    drop_lost_state_of: what a single job goes on from, without the state that it has no use for.
    Raises ShopstreamError, naming the first job that was not submitted, and why.
    """
    command = [*client_command(StackPaths.of(settings)), "run", "--detached"]
    command += [f"-D{option}={value}" for option, value in options.items()]
    if drop_lost_state_of is not None:  # as an option, the client sets it back
        command += ["--fromSavepoint", drop_lost_state_of.as_uri(), "--allowNonRestoredState"]
    command += ["--pyModule", *program]
    deadline_s = DEADLINE_S + EACH_S * len(names)
    try:
        done = subprocess.run(
            command,
            env=os.environ
            | flink_environment(settings)
            | dict(variables)
            | {"SHOPSTREAM_STATE_DIR": str(settings.state_path)},
            capture_output=True,
            text=True,
            timeout=deadline_s,
        )
    except subprocess.TimeoutExpired as error:
        raise ShopstreamError(
            f"{', '.join(names)} not submitted within {deadline_s:.0f} s; see `shopstream jobs`"
        ) from error
    job_ids = re.findall(r"JobID ([0-9a-f]{32})", done.stdout)
    if len(job_ids) < len(names):
        raise ShopstreamError(f"{names[len(job_ids)]} could not be submitted: {refusal(done)}")
    return job_ids
