"""Connect in the local stack: there if asked for, and what its health and its slot say."""

import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from connectors.cdc import replication, tables
from connectors.cdc.replication import Replication
from connectors.settings import Settings
from deploy.stack import connect, doctor, health, render, services
from deploy.stack.paths import StackPaths
from deploy.stack.temporary import free_ports

HALF_MB = 512


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(state_dir=tmp_path, cdc=True, **free_ports())


def names(settings: Settings) -> set[str]:
    return {service.name for service in services.services(settings)}


def test_connect_is_part_of_the_stack_only_if_tables_are_to_be_followed(settings: Settings) -> None:
    without = settings.model_copy(update={"cdc": False})
    assert names(settings) - names(without) == {"connect"}


def test_its_files_are_complete_and_follow_every_table_on_the_stacks_ports(
    settings: Settings,
) -> None:
    files = {path.name: text for path, text in render.render(settings).items()}
    worker, connector = files[connect.WORKER], files[connect.CONNECTOR]
    assert "${" not in worker + connector
    assert f"listeners=http://127.0.0.1:{settings.connect_port}" in worker
    assert f"database.port={settings.postgres_port}" in connector
    followed = ",".join(f"shop.{table}" for table in tables.TABLES)
    assert f"table.include.list={followed}\n" in connector


def test_its_heap_is_bounded(settings: Settings) -> None:
    assert connect.HEAP_MB <= 512
    assert f"-Xmx{connect.HEAP_MB}m" in connect.command(StackPaths.of(settings))


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict]:
    """What Connect answers, to be changed."""
    answer = {"connector": {"state": "RUNNING"}, "tasks": [{"state": "RUNNING"}]}
    monkeypatch.setattr(
        health, "_get", lambda _: httpx.Response(200, content=json.dumps(answer).encode())
    )
    return answer


def test_it_is_healthy_when_connector_and_task_run(settings: Settings, said: dict) -> None:
    health.connect(settings)
    said["tasks"] = []
    with pytest.raises(health.NotHealthy, match="no task"):
        health.connect(settings)


def test_a_failed_task_is_told_with_its_reason(settings: Settings, said: dict) -> None:
    said["tasks"] = [{"state": "FAILED", "trace": "SlotLost: gone\n\tat somewhere"}]
    with pytest.raises(health.NotHealthy, match=r"its task is failed: SlotLost: gone$"):
        health.connect(settings)


@pytest.mark.parametrize(("lost", "left"), [(True, False), (False, True)])
def test_offsets_are_forgotten_only_when_the_log_since_then_is_lost(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, lost: bool, left: bool
) -> None:
    monkeypatch.setattr(tables, "migrate", lambda _: [])
    monkeypatch.setattr(tables, "ensure_change_topics", lambda _: None)
    monkeypatch.setattr(replication, "drop_lost_slot", lambda _: lost)
    paths = StackPaths.of(settings)
    paths.make()
    connect.offsets(paths).touch()

    connect.prepare(settings, paths)

    assert connect.offsets(paths).exists() == left


def slot(held_mb: int, limit_mb: int = 1024, state: str = "reserved") -> Replication:
    limit = limit_mb * 2**20 if limit_mb >= 0 else -1
    return Replication(False, state, 0, 0, held_mb * 2**20, limit)


@pytest.mark.parametrize(
    ("found", "ok"),
    [
        (None, True),
        (slot(HALF_MB), True),
        (slot(HALF_MB + 1), False),
        (slot(HALF_MB, limit_mb=-1), True),
        (slot(HALF_MB + 1, limit_mb=-1), False),
        (slot(0, state="lost"), False),
    ],
)
def test_doctor_warns_from_half_of_what_may_be_held_on(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, found: Replication | None, ok: bool
) -> None:
    monkeypatch.setattr(replication, "replication", lambda _: found)
    check = doctor.held_log(settings)
    assert check.ok == ok
    assert ok or "shopstream up" in check.fix
