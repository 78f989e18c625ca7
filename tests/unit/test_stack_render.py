"""The stack's configuration: complete, bound to loopback, the same whoever renders it."""

import configparser
import os
import shlex
from pathlib import Path

import pytest
import yaml

from connectors.settings import Settings
from deploy.stack import flink, kafka, render
from deploy.stack.paths import StackPaths


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(state_dir=tmp_path, taskmanagers=2, kafka_port=20001, flink_rest_port=20002)


def rendered(settings: Settings, name: str) -> str:
    return next(text for path, text in render.render(settings).items() if path.name == name)


def supervised(settings: Settings) -> configparser.RawConfigParser:
    parser = configparser.RawConfigParser()
    parser.read_string(rendered(settings, "supervisord.conf"))
    return parser


def test_no_placeholder_is_left_unfilled(settings: Settings) -> None:
    for name in (
        "supervisord.conf",
        "kafka.properties",
        "config.yaml",
        "registry.properties",
        "zookeeper.properties",
    ):
        assert "${" not in rendered(settings, name)


def test_every_port_comes_from_the_settings(settings: Settings) -> None:
    assert "listeners=PLAINTEXT://127.0.0.1:20001," in rendered(settings, "kafka.properties")
    assert yaml.safe_load(rendered(settings, "config.yaml"))["rest.port"] == 20002


def test_there_are_as_many_taskmanagers_as_asked_for_each_with_its_own_identity(
    settings: Settings,
) -> None:
    parser = supervised(settings)

    identities = [
        shlex.split(parser[section]["command"])[-1]
        for section in parser.sections()
        if section.startswith("program:taskmanager-")
    ]

    assert identities == [
        "taskmanager.resource-id=taskmanager-1",
        "taskmanager.resource-id=taskmanager-2",
    ]


def test_what_others_need_stops_after_them(settings: Settings) -> None:
    parser = supervised(settings)

    def stops_after(name: str, other: str) -> bool:
        return parser.getint(f"program:{name}", "priority") < parser.getint(
            f"program:{other}", "priority"
        )

    assert stops_after("postgres", "registry")
    assert stops_after("zookeeper", "jobmanager")
    assert stops_after("jobmanager", "taskmanager-1")


def test_the_shell_that_renders_makes_no_difference(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = render.render(settings)
    monkeypatch.setenv("PATH", f"/somewhere/else:{os.environ['PATH']}")
    monkeypatch.setattr("sys.executable", "/the/same/python3.11")

    assert render.render(settings) == here


def test_a_changed_setting_is_noticed(settings: Settings) -> None:
    StackPaths.of(settings).make()
    render.write(render.render(settings))

    assert not render.differs(render.render(settings))
    assert render.differs(render.render(settings.model_copy(update={"taskmanagers": 3})))


@pytest.mark.parametrize("process_mb", [1024, 1400, 4096])
def test_a_taskmanagers_memory_adds_up_to_what_it_was_given(process_mb: int) -> None:
    memory = flink.TaskManagerMemory.of(process_mb)

    assert sum(vars(memory).values()) == process_mb
    assert memory.task_heap_mb > 0


def test_a_socket_stays_within_what_the_kernel_allows_however_deep_the_checkout(
    tmp_path: Path,
) -> None:
    deep = StackPaths(tmp_path / ("x" * 90))

    assert len(str(deep.sockets / "supervisor.sock.1234567")) < 108
    assert deep.sockets != StackPaths(tmp_path / ("y" * 90)).sockets


def test_no_cluster_id_looks_like_an_option():
    found = {kafka._cluster_id() for _ in range(2_000)}
    assert len(found) == 2_000
    assert not any(cluster_id.startswith("-") for cluster_id in found)
