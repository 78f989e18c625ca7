"""The local stack, run for real: what `up`, `down` and `status` promise."""

from collections.abc import Iterator

import httpx
import psutil
import psycopg
import pytest
from support.waiting import until

from connectors.settings import settings
from deploy.stack import processes
from deploy.stack.temporary import LocalStack, local_stack

# What a TaskManager may take from SIGKILL to being registered again, on a busy machine.
RECOVERY_S = 45


@pytest.fixture(scope="module")
def own_stack() -> Iterator[LocalStack]:
    """One stack for this module alone: these tests kill it."""
    with local_stack(taskmanagers=1) as stack:
        yield stack


@pytest.fixture
def running(own_stack: LocalStack) -> LocalStack:
    own_stack.up()
    return own_stack


def test_after_up_every_service_is_healthy(running: LocalStack) -> None:
    status = running.run("status", "--json")

    assert status.returncode == 0
    assert {name: s["healthy"] for name, s in running.services().items()} == {
        "postgres": True,
        "kafka": True,
        "registry": True,
        "zookeeper": True,
        "jobmanager": True,
        "taskmanager-1": True,
        "webhooks": True,
    }


def test_a_second_up_changes_nothing_and_says_so(running: LocalStack) -> None:
    before = pids(running)

    again = running.up()

    assert again.stdout.strip() == "already up: 7 services healthy"
    assert pids(running) == before


def test_a_taken_port_is_named_with_its_setting_and_its_holder(running: LocalStack) -> None:
    elsewhere = running.state / "another"

    refused = running.run("up", SHOPSTREAM_STATE_DIR=str(elsewhere))

    assert refused.returncode == 1
    assert refused.stderr.strip() == (
        f"shopstream: port {settings().kafka_port} (kafka_port) is held by java "
        f"(pid {pids(running)['kafka']}): stop it, or choose another port with "
        "SHOPSTREAM_KAFKA_PORT or in settings.toml"
    )


def test_a_killed_taskmanager_comes_back_and_registers_again(running: LocalStack) -> None:
    before = registered_taskmanagers()

    psutil.Process(pids(running)["taskmanager-1"]).kill()

    until(
        lambda: registered_taskmanagers() - before != set(),
        "a TaskManager registers anew",
        RECOVERY_S,
    )
    until(
        lambda: registered_taskmanagers() & before == set(), "the dead one is given up", RECOVERY_S
    )
    until(lambda: running.run("status").returncode == 0, "all is healthy again", RECOVERY_S)


def test_the_registry_answers_as_soon_as_its_database_is_back(running: LocalStack) -> None:
    psutil.Process(pids(running)["postgres"]).kill()

    until(postgres_answers, "Postgres is back", RECOVERY_S)
    for _ in range(5):  # one for each connection that its pool may have had
        register_a_schema()


def test_up_repairs_a_stack_whose_supervisor_was_killed_and_loses_nothing(
    running: LocalStack,
) -> None:
    with psycopg.connect(settings().postgres_dsn) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
    schema_id = register_a_schema()
    killed = [supervisor(running), psutil.Process(pids(running)["kafka"])]
    orphans = [psutil.Process(pid) for pid in pids(running).values()]
    for process in killed:
        process.kill()

    running.up()

    assert not any(orphan.is_running() for orphan in orphans)
    with psycopg.connect(settings().postgres_dsn) as connection:
        assert connection.execute("SELECT answer FROM kept").fetchall() == [(42,)]
    assert register_a_schema() == schema_id


def test_down_leaves_no_process_and_purge_no_file(running: LocalStack) -> None:
    down = running.run("down")

    assert down.returncode == 0
    assert processes.of_stack(running.state) == []
    assert (running.state / "data" / "kafka").is_dir()
    assert running.run("status").returncode == 1

    assert running.run("down", "--purge").stdout.startswith("nothing runs")
    assert not running.state.exists()
    assert running.run("down").stdout.strip() == "nothing runs"


def pids(stack: LocalStack) -> dict[str, int]:
    return {name: service["pid"] for name, service in stack.services().items()}


def supervisor(stack: LocalStack) -> psutil.Process:
    own = processes.of_stack(stack.state)
    return next(process for process in own if "supervisor.supervisord" in process.cmdline())


def registered_taskmanagers() -> set[str]:
    """The addresses of the TaskManagers that the JobManager counts on, new at every start."""
    known = httpx.get(f"{settings().flink_url}/taskmanagers").json()
    return {item["path"] for item in known["taskmanagers"]}


def postgres_answers() -> bool:
    try:
        psycopg.connect(settings().postgres_dsn).close()
    except psycopg.OperationalError:
        return False
    return True


def register_a_schema() -> int:
    """Register a subject's only version; the id is the one that records would carry."""
    versions = f"{settings().registry_url}/subjects/kept-value/versions"
    return httpx.post(versions, json={"schema": '"string"'}).raise_for_status().json()["id"]
