"""Why Flink did not do what it was asked for, out of the much that it says."""

import re
import subprocess


def root_cause(stack_trace: str) -> str:
    """The line of a Java stack trace that says why."""
    lines = [line.strip() for line in _as_named_here(stack_trace).strip().splitlines()]
    causes = [line for line in lines if line.startswith("Caused by: ")]
    return causes[-1].removeprefix("Caused by: ") if causes else lines[0]


def refusal(done: subprocess.CompletedProcess[str]) -> str:
    """The line of a failed submission that says why, and the one that says why that is, if any."""
    said = _as_named_here(done.stderr + done.stdout)
    lines = [line.strip() for line in said.splitlines()]
    in_java = [at for at, line in enumerate(lines) if re.match(r": \S+Exception: ", line)]
    if in_java:
        trace = [line.removeprefix(": ") for line in lines[in_java[-1] :]]
        told, cause = trace[0], root_cause("\n".join(trace))
        return told if cause == told else f"{told} ({cause})"
    telling = [line for line in lines if re.match(r"(shopstream|Caused by|\S+Error):", line)]
    return telling[-1] if telling else f"flink run ended with status {done.returncode}"


def _as_named_here(said: str) -> str:
    """With Flink's option by the name that it has on our command line."""
    return said.replace("--allowNonRestoredState", "--drop-lost-state")
