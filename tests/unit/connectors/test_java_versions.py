"""The Java of ours is compiled for what is installed beside it."""

from importlib.metadata import version
from pathlib import Path
from xml.etree import ElementTree

import pytest

from connectors.jars import JAVA_POM, POM


def named_version(pom: Path, name: str) -> str:
    properties = ElementTree.parse(pom).getroot().find("{*}properties")
    assert properties is not None
    return properties.findtext(f"{{*}}{name}", "")


@pytest.mark.parametrize(
    ("named", "package"), [("flink.version", "apache-flink"), ("pemja.version", "pemja")]
)
def test_it_names_the_version_of_the_package(named: str, package: str) -> None:
    assert named_version(JAVA_POM, named) == version(package)


def test_it_names_the_version_of_the_jar_that_is_fetched() -> None:
    assert named_version(JAVA_POM, "msgpack.version") == named_version(POM, "msgpack.version")
