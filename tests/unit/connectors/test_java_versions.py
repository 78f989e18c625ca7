"""The Java of ours is compiled for what is installed beside it."""

from importlib.metadata import version
from xml.etree import ElementTree

import pytest

from connectors.jars import JAVA_POM


@pytest.mark.parametrize(
    ("named", "package"), [("flink.version", "apache-flink"), ("pemja.version", "pemja")]
)
def test_it_names_the_version_of_the_package(named: str, package: str) -> None:
    properties = ElementTree.parse(JAVA_POM).getroot().find("{*}properties")
    assert properties is not None
    assert properties.findtext(f"{{*}}{named}") == version(package)
