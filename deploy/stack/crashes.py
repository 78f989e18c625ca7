"""JVMs that were ended by native code in them, such as an interpreter's extension module."""

import re
from pathlib import Path

from deploy.stack.paths import StackPaths

REPORTS = "jvm-crash-*.log"


def report_option(paths: StackPaths) -> str:
    """What makes a JVM leave its report among the logs."""
    return f"-XX:ErrorFile={paths.logs / REPORTS.replace('*', '%p')}"


def crashes(paths: StackPaths) -> dict[Path, str]:
    """Where each report is, and the native frame that it blames."""
    reports = sorted(paths.logs.glob(REPORTS))
    return {report: _frame(report.read_text(errors="replace")) for report in reports}


def _frame(report: str) -> str:
    """The line after the heading; its columns are separated by runs of blanks."""
    blamed = re.search(r"# Problematic frame:\s*# (.*)", report)
    return " ".join(blamed[1].split()) if blamed else "an unknown frame"
