"""One local Flink for all that the gate asks of it: planning, and golden tests."""

import os
import sys
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from connectors.errors import ShopstreamError
from connectors.jars import FLINK_LIB, flink_home, missing
from deploy.gate.findings import Finding
from deploy.gate.messages import Refusal, understood
from jobs.sql.plan import Plan
from jobs.sql.room import Folder, Ready

# Half a second saved at the start is worth more here than peak speed.
_JVM = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Xshare:auto -Xmx1g"
_CONFIGURATION = {
    "parallelism.default": "1",
    # A row's watermark follows it at once, instead of the next time that a timer ticks.
    "pipeline.auto-watermark-interval": "0",
    # A row that stops a job is a test's answer, not an outage.
    "restart-strategy.type": "none",
    "python.execution-mode": "thread",
    "taskmanager.memory.network.max": "256m",
    "taskmanager.memory.managed.size": "256m",
    "rest.port": "0",
}
PROBE = "gate_probe"


class Refused(Exception):
    """The planner refuses a statement of a file."""

    def __init__(self, finding: Finding):
        super().__init__(str(finding))
        self.finding = finding


def prepare() -> None:
    """Name the jars before anything imports PyFlink: its JVM starts with what is set then."""
    if absent := missing():
        raise ShopstreamError(f"jars are missing ({absent[0]}); run `make setup`")
    os.environ["FLINK_HOME"] = str(flink_home())
    os.environ["FLINK_LIB_DIR"] = str(FLINK_LIB)
    os.environ.setdefault("JVM_ARGS", _JVM)
    binaries = str(Path(sys.prefix) / "bin")
    if not os.environ["PATH"].startswith(binaries):
        os.environ["PATH"] = f"{binaries}{os.pathsep}{os.environ['PATH']}"


class Session:
    """A table environment with what a folder's statements need in it, added as it is needed."""

    def __init__(self, folder: Folder):
        prepare()
        from pyflink.common import Configuration
        from pyflink.table import EnvironmentSettings, TableEnvironment

        from jobs.sql.planner import configure, register

        configuration = Configuration()
        for option, value in _CONFIGURATION.items():
            configuration.set_string(option, value)
        configuration.set_string("python.executable", str(Path(sys.prefix) / "bin" / "python"))
        settings = EnvironmentSettings.new_instance().in_streaming_mode()
        self.t_env = TableEnvironment.create(settings.with_configuration(configuration).build())
        configure(self.t_env)
        register(self.t_env, folder.functions)
        self.folder = folder
        self._there: set[str] = set()
        self._plans: dict[tuple[Path, int], Plan] = {}

    def make(self, needed: Iterable[Ready]) -> None:
        """Make tables and views that are not there yet. Raises Refused at the first that fails."""
        for ready in needed:
            if ready.statement.target not in self._there:
                self.execute(ready)
                self._there.add(ready.statement.target)

    def execute(self, ready: Ready) -> None:
        try:
            for sql in self.folder.making(ready):
                self.t_env.execute_sql(sql)
        except Exception as error:
            raise Refused(self._finding(ready, understood(str(error)))) from error

    def plan(self, ready: Ready) -> Plan:
        """The plan of an insert, or of reading a view or a table. Raises Refused.

        One plan is made of each, however many others use it: that is most of what a check costs.
        """
        place = ready.file.path, ready.statement.start
        if place not in self._plans:
            self._plans[place] = self._compile(ready)
        return self._plans[place]

    def _compile(self, ready: Ready) -> Plan:
        from jobs.sql.planner import compile_inserts

        if ready.statement.kind != "INSERT":
            try:
                self._make_probe(ready)
            except Exception as error:
                raise Refused(self._finding(ready, understood(str(error)))) from error
            probe = f"INSERT INTO {PROBE} SELECT * FROM `{ready.statement.target}`"
            inserts = [Ready(ready.file, ready.statement, probe)]
        else:
            inserts = [ready]
        try:
            return compile_inserts(self.t_env, inserts)
        except Exception as error:
            refusal = understood(str(error))
            if ready.statement.kind != "INSERT":  # the lines are the probe's
                refusal = replace(refusal, line=None)
            raise Refused(self._finding(ready, refusal)) from error

    def _make_probe(self, ready: Ready) -> None:
        target = ready.statement.target
        columns = ", ".join(f"`{name}` {type_}" for name, type_ in self._columns(target))
        self.t_env.execute_sql(f"DROP TEMPORARY TABLE IF EXISTS {PROBE}")
        self.t_env.execute_sql(
            f"CREATE TEMPORARY TABLE {PROBE} ({columns}) WITH ('connector' = 'blackhole')"
        )

    def _columns(self, name: str) -> list[tuple[str, str]]:
        """Name and SQL type of each column of a view or table; time attributes as plain times."""
        schema = self.t_env.from_path(f"`{name}`")._j_table.getResolvedSchema()
        return [
            (column.getName(), column.getDataType().getLogicalType().asSerializableString())
            for column in schema.getColumns()
        ]

    def _finding(self, ready: Ready, refusal: Refusal) -> Finding:
        """In the statement's file, or in that of the table whose options are refused."""
        maker = self.folder.maker(refusal.table) if refusal.table else None
        if maker is not None:
            ready, refusal = self.folder.ready(maker, maker.statement), replace(refusal, line=None)
        line = refusal.line or line_about(ready, refusal.about)
        return Finding(ready.file.path, line, refusal.sentence, refusal.stage, rule="refused")


def line_about(ready: Ready, *words: str) -> int:
    """Where the first of `words` that the statement has stands; else where it begins."""
    for wanted in words:
        for token in ready.statement.tokens:
            if wanted and (token.word == wanted.upper() or token.name == wanted):
                return ready.file.line(token.start)
    return ready.file.line(ready.statement.start)
