"""docker-compose.yml is the local stack in containers: same versions, ports and settings."""

import re
import subprocess
import tomllib
from xml.etree import ElementTree

import pytest
import yaml

from connectors.jars import POM
from connectors.settings import ROOT, Settings
from deploy.docker.configuration import FOUND_OUT, flink_configuration, local_configuration
from deploy.stack.paths import StackPaths
from deploy.stack.postgres import binaries
from deploy.stack.render import TEMPLATES

LOCAL = tomllib.loads((ROOT / "settings.toml").read_text())
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
VARIABLE = re.compile(r"\$\{(?P<name>\w+):-(?P<default>[^}]*)\}")


def interpolated(text):
    """The file as Compose reads it where none of its variables is set."""
    return VARIABLE.sub(lambda found: found["default"], text).replace("$$", "$")


TEXT = (ROOT / "docker-compose.yml").read_text()
COMPOSE = yaml.safe_load(interpolated(TEXT))
SERVICES = COMPOSE["services"]
STAYING = {name: s for name, s in SERVICES.items() if s.get("restart") == "unless-stopped"}

every_service = pytest.mark.parametrize("name", SERVICES)


def pinned(dependency):
    properties = ElementTree.parse(POM).getroot().find("{*}properties")
    return properties.findtext(f"{{*}}{dependency}.version")


@pytest.fixture
def inside(monkeypatch, tmp_path):
    """The settings as the suite's containers see them."""
    for name in Settings.model_fields:
        monkeypatch.delenv(f"SHOPSTREAM_{name.upper()}", raising=False)
    for name, value in SERVICES["jobmanager"]["environment"].items():
        monkeypatch.setenv(name, value)
    return Settings(state_dir=tmp_path)


# versions


def test_every_image_is_the_release_that_the_local_stack_runs():
    psql = subprocess.run([binaries() / "psql", "--version"], capture_output=True, text=True)
    assert {service["image"] for service in SERVICES.values()} == {
        f"apache/kafka:{pinned('kafka')}",
        f"apicurio/apicurio-registry:{pinned('apicurio')}",
        f"postgres:{psql.stdout.split()[-1]}",
        f"shopstream:{PROJECT['version']}",
    }


def test_flink_in_the_image_is_the_version_that_its_jars_are_for():
    lock = (ROOT / "requirements.lock").read_text()
    assert f"\napache-flink=={pinned('flink')} " in lock


# ports


def published():
    return [
        (name, *re.fullmatch(r"([\d.]+):(\S+):(\d+)", port).groups())
        for name, service in yaml.safe_load(TEXT)["services"].items()
        for port in service.get("ports", ())
    ]


def test_ports_are_published_to_this_machine_only():
    assert [address for _, address, _, _ in published()] == ["127.0.0.1"] * 5


def test_a_published_port_is_that_of_the_local_stack_and_moves_with_the_same_variable():
    found = {}
    for _, _, port, _ in published():
        variable = VARIABLE.fullmatch(port)
        setting = variable["name"].removeprefix("SHOPSTREAM_").lower()
        found[setting] = int(variable["default"])
    settings = ("kafka_port", "registry_port", "postgres_port", "flink_rest_port", "webhooks_port")
    assert found == {setting: LOCAL[setting] for setting in settings}


def test_containers_find_each_service_where_it_listens(inside):
    targets = {name: int(target) for name, _, _, target in published()}
    kafka, postgres, registry = (
        SERVICES[n]["environment"] for n in ("kafka", "postgres", "registry")
    )
    assert f"PLAINTEXT://{inside.kafka_bootstrap}" in kafka["KAFKA_ADVERTISED_LISTENERS"].split(",")
    assert f"PLAINTEXT://:{inside.kafka_port}" in kafka["KAFKA_LISTENERS"].split(",")
    assert f"@postgres:{postgres['PGPORT']}/" in inside.postgres_dsn
    assert f"//postgres:{inside.postgres_port}/" in registry["APICURIO_DATASOURCE_URL"]
    assert inside.registry_url.startswith(f"http://registry:{registry['QUARKUS_HTTP_PORT']}/")
    assert inside.flink_url == f"http://jobmanager:{targets['jobmanager']}"
    assert inside.zookeeper_quorum == f"zookeeper:{LOCAL['zookeeper_port']}"
    assert targets["registry"] == registry["QUARKUS_HTTP_PORT"]
    assert targets["postgres"] == postgres["PGPORT"]


def test_kafka_sends_clients_of_this_machine_back_to_the_published_port():
    (target,) = (target for name, _, _, target in published() if name == "kafka")
    environment = SERVICES["kafka"]["environment"]
    assert f"HOST://:{target}" in environment["KAFKA_LISTENERS"].split(",")
    host = f"HOST://127.0.0.1:{LOCAL['kafka_port']}"
    assert host in environment["KAFKA_ADVERTISED_LISTENERS"].split(",")
    assert "HOST://127.0.0.1:${SHOPSTREAM_KAFKA_PORT:-" in TEXT


# life and death


@every_service
def test_a_service_is_watched_or_ends_by_itself(name):
    assert ("healthcheck" in SERVICES[name]) == (name in STAYING)
    assert name in STAYING or name in ("provision", "cli")


@every_service
def test_a_service_waits_for_what_it_needs_to_do_its_work(name):
    for needed, how in SERVICES[name].get("depends_on", {}).items():
        expected = "service_healthy" if needed in STAYING else "service_completed_successfully"
        assert how["condition"] == expected


def test_something_waits_for_provisioning_or_up_would_take_its_end_for_a_failure():
    assert any("provision" in service.get("depends_on", {}) for service in STAYING.values())


@every_service
def test_a_service_has_a_memory_limit(name):
    assert re.fullmatch(r"\d+[mg]", SERVICES[name]["mem_limit"])


def test_a_taskmanager_has_the_memory_that_it_is_told_to_use_and_some_room():
    limit = int(SERVICES["taskmanager"]["mem_limit"].removesuffix("m"))
    assert limit >= LOCAL["taskmanager_memory_mb"] * 1.1


def test_there_are_as_many_taskmanagers_as_locally():
    assert SERVICES["taskmanager"]["deploy"]["replicas"] == LOCAL["taskmanagers"]


@every_service
def test_a_service_keeps_its_data_in_a_named_volume_and_reads_the_checkout_only(name):
    for volume in SERVICES[name].get("volumes", ()):
        source, _, mode = volume.split(":") if volume.count(":") == 2 else (*volume.split(":"), "")
        assert source in COMPOSE["volumes"] or (mode == "ro" and (ROOT / source).is_file())


def test_state_is_where_jobmanager_taskmanagers_and_commands_all_see_it(inside):
    data = StackPaths.of(inside).data.relative_to(inside.state_path)
    for name in ("jobmanager", "taskmanager", "zookeeper", "cli"):
        assert SERVICES[name]["volumes"] == [f"flink:/var/lib/shopstream/{data}"]


# settings of the services


def constants(template):
    """The lines of a template that hold whatever the ports and folders are."""
    lines = (line.partition("#")[0].strip() for line in (TEMPLATES / template).open())
    pairs = (line.split("=", 1) for line in lines if "=" in line and "$" not in line)
    return {name.strip(): value.strip(" '") for name, value in pairs}


# What a second listener and containers change.
OTHERWISE = {"listener.security.protocol.map", "quarkus.http.test-port"}


@pytest.mark.parametrize(
    ("service", "template", "prefix"),
    [("kafka", "kafka.properties", "KAFKA_"), ("registry", "registry.properties", "")],
)
def test_a_service_is_set_as_in_the_local_stack(service, template, prefix):
    expected = {
        prefix + re.sub(r"[.-]", "_", name).upper(): value
        for name, value in constants(template).items()
        if name not in OTHERWISE
    }
    found = {name: str(value) for name, value in SERVICES[service]["environment"].items()}
    assert expected.items() <= found.items()


def test_postgres_is_set_as_in_the_local_stack():
    arguments = SERVICES["postgres"]["command"][1:]
    assert dict(argument.removeprefix("--").split("=") for argument in arguments) == constants(
        "postgresql.conf"
    )


def test_flink_differs_from_the_local_stack_in_its_addresses_only(inside):
    paths = StackPaths.of(inside)
    local, found = local_configuration(inside, paths), flink_configuration(inside, paths)
    assert set(found) == set(local) - FOUND_OUT
    assert {option: value for option, value in found.items() if local[option] != value} == {
        "jobmanager.rpc.address": "jobmanager",
        "rest.address": "jobmanager",
        "jobmanager.bind-host": "0.0.0.0",
        "rest.bind-address": "0.0.0.0",
        "taskmanager.bind-host": "0.0.0.0",
    }
    assert LOCAL["host"] not in str(found)
