"""What `doctor` finds missing, and the fix that it names."""

import sys
from pathlib import Path

import pytest

from connectors import jars
from connectors.errors import ShopstreamError
from connectors.settings import Settings
from deploy.stack import doctor
from deploy.stack.temporary import free_ports


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(state_dir=tmp_path, **free_ports())


def failing(settings: Settings) -> dict[str, doctor.Check]:
    return {check.name: check for check in doctor.diagnose(settings) if not check.ok}


def test_a_machine_without_a_jdk_is_told_to_install_one(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JAVA_HOME", "/nowhere")

    java = failing(settings)["java"]

    assert java.found == "no java in JAVA_HOME, which is /nowhere"
    assert "install a JDK 17" in java.fix


def test_a_machine_without_maven_is_told_to_install_it(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "/nowhere")

    assert "install Maven" in failing(settings)["maven"].fix


def test_missing_jars_are_named_and_fetched_by_setup(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jars, "missing", lambda: ["kafka/kafka_2.13-4.1.2.jar"])

    found = failing(settings)["jars"]

    assert found.found == "missing: kafka/kafka_2.13-4.1.2.jar"
    assert found.fix == "run `make setup`"


def test_a_crash_of_a_jvm_is_told_by_what_it_died_in(settings: Settings) -> None:
    report = settings.state_path / "logs" / "jvm-crash-7.log"
    report.parent.mkdir()
    report.write_text("# SIGSEGV\n#\n# Problematic frame:\n# C  [_core.so+0x3d]  convert+0x1a\n#\n")

    crashes = failing(settings)["crashes"]

    assert crashes.found == f"died in C [_core.so+0x3d] convert+0x1a, see {report}"


def test_a_missing_package_does_not_stop_the_other_checks(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "deploy.stack.ports", None)

    assert failing(settings)["ports"].fix == "run `make setup`"


def test_packages_that_are_not_as_locked_are_named(tmp_path: Path) -> None:
    lock = tmp_path / "requirements.lock"
    lock.write_text("typer==0.0.1 \\\n    --hash=sha256:00\nno-such-package==1.0\n")

    check = doctor.packages(lock)

    assert not check.ok
    assert "typer is " in check.found
    assert "no-such-package is missing, not 1.0" in check.found


@pytest.mark.parametrize(
    ("printed", "version"),
    [
        ('openjdk version "17.0.15" 2025-04-15\nOpenJDK Runtime', "17.0.15"),
        ('java version "21" 2023-09-19', "21"),
        ("", "unknown"),
    ],
)
def test_the_java_version_is_read_from_what_java_prints(printed: str, version: str) -> None:
    assert doctor.java_version(printed) == version


def test_a_connector_that_is_not_there_is_an_error_that_names_setup(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jars, "JARS", tmp_path)
    jars._pinned.cache_clear()
    try:
        with pytest.raises(ShopstreamError, match=r"flink-sql-connector-kafka-.*make setup"):
            jars.flink_jars()
    finally:
        jars._pinned.cache_clear()
