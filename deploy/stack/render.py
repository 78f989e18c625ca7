"""The stack's configuration files, rendered from the templates and the settings."""

from pathlib import Path
from string import Template

from connectors.settings import Settings
from deploy.stack import connect, flink, kafka, postgres
from deploy.stack.paths import StackPaths
from deploy.stack.services import Service, services, start_order

TEMPLATES = Path(__file__).parent / "templates"


def render(settings: Settings) -> dict[Path, str]:
    """Every configuration file of the stack and its text; nothing is written."""
    paths = StackPaths.of(settings)
    values = {
        **settings.model_dump(),
        "state": paths.state,
        "logs": paths.logs,
        "sockets": paths.sockets,
        "kafka_data": kafka.data(paths),
        "postgres_user": postgres.USER,
        **flink.config_values(settings, paths),
        "zookeeper_bind": settings.host,
        **connect.config_values(settings, paths),
    }
    declared = services(settings)
    programs = "".join(
        _program(service, paths, _priority(service, declared)) for service in declared
    )
    return {
        paths.conf / "supervisord.conf": _fill("supervisord.conf", values) + programs,
        paths.conf / "kafka.properties": _fill("kafka.properties", values),
        paths.conf / "kafka-log4j2.properties": _fill("kafka-log4j2.properties", values),
        paths.conf / "postgresql.conf": _fill("postgresql.conf", values),
        paths.conf / "registry.properties": _fill("registry.properties", values),
        paths.conf / "zookeeper.properties": _fill("zookeeper.properties", values),
        paths.conf / connect.WORKER: _fill(connect.WORKER, values),
        paths.conf / connect.CONNECTOR: _fill(connect.CONNECTOR, values),
        paths.flink_conf / "config.yaml": _fill("flink-config.yaml", values),
        paths.flink_conf / "log4j-console.properties": _verbatim("flink-log4j.properties"),
        paths.flink_conf / "log4j-cli.properties": _verbatim("flink-log4j-cli.properties"),
    }


def differs(files: dict[Path, str]) -> bool:
    """Whether what is on disk is not what these settings ask for."""
    return any(not path.is_file() or path.read_text() != text for path, text in files.items())


def write(files: dict[Path, str]) -> None:
    for path, text in files.items():
        path.write_text(text)


def _priority(service: Service, declared: list[Service]) -> int:
    """Its place in the start order: the supervisor stops the highest first, one after the other."""
    return list(start_order(declared).static_order()).index(service.name)


def _program(service: Service, paths: StackPaths, priority: int) -> str:
    environment = {"LC_ALL": "C.UTF-8", **service.environment}
    values = {
        "name": service.name,
        "command": " ".join(_quoted(word) for word in service.command),
        "environment": ",".join(f"{key}={_quoted(v)}" for key, v in environment.items()),
        "state": paths.state,
        "priority": priority,
        "stop_signal": service.stop_signal,
        "stop_seconds": service.stop_seconds,
        "log": paths.log(service.name),
    }
    return _fill("program.conf", values)


def _quoted(word: str) -> str:
    """A word for supervisord: quoted for its splitting, `%` doubled for its expansion."""
    escaped = word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%")
    return f'"{escaped}"'


def _fill(template: str, values: dict[str, object]) -> str:
    return Template((TEMPLATES / template).read_text()).substitute(values)


def _verbatim(template: str) -> str:
    """A template in which `${...}` is the reader's own syntax."""
    return (TEMPLATES / template).read_text()
