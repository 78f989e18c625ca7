"""Jobs handed to the cluster by Flink's own client, a process that ends when it has done so."""

import os
import re
import subprocess
from collections.abc import Mapping, Sequence

from connectors.errors import ShopstreamError
from connectors.jars import flink_home
from connectors.settings import Settings
from deploy.causes import refusal
from deploy.stack.flink import flink_environment

DEADLINE_S = 180.0
EACH_S = 30.0

RESUMES_FROM = "execution.state-recovery.path"
DROPS_LOST_STATE = "execution.state-recovery.ignore-unclaimed-state"


def submit(
    settings: Settings,
    names: Sequence[str],
    program: Sequence[str],
    options: Mapping[str, str],
    variables: Mapping[str, str],
) -> list[str]:
    """Run a program, a module and its arguments, that submits the jobs `names`; returns their ids.

    options: of Flink, for all of them. variables: of the program's environment.
    Raises ShopstreamError, naming the first job that was not submitted, and why.
    """
    command = [str(flink_home() / "bin" / "flink"), "run", "--detached"]
    command += [f"-D{option}={value}" for option, value in options.items()]
    if options.get(DROPS_LOST_STATE) == "true":  # as an option, the client overwrites it
        command += ["--fromSavepoint", options[RESUMES_FROM], "--allowNonRestoredState"]
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
