"""The jars beside the Python packages: where they are, which are missing, Flink's lib folder.

`pom.xml` and `cdc/pom.xml` name every jar and version, `java/pom.xml` the one that is built here;
nothing is named twice. `python -m connectors.jars` gathers Flink's lib folder, as the last step of
`make setup`.
"""

import importlib.util
import re
import shutil
from functools import cache
from pathlib import Path
from xml.etree import ElementTree

from connectors.errors import ShopstreamError
from connectors.settings import ROOT

POM = ROOT / "connectors" / "pom.xml"
JAVA_POM = ROOT / "connectors" / "java" / "pom.xml"
CONNECT_POM = ROOT / "connectors" / "cdc" / "pom.xml"
JARS = ROOT / ".jars"
KAFKA = JARS / "kafka"
CONNECT = JARS / "connect"
REGISTRY = JARS / "registry"
FLINK_CONNECTORS = JARS / "flink"
FLINK_LIB = JARS / "flink-lib"

_NAMESPACE = {"m": "http://maven.apache.org/POM/4.0.0"}


@cache
def flink_home() -> Path:
    """The Flink distribution inside the apache-flink wheel, found without importing it."""
    spec = importlib.util.find_spec("pyflink")
    if spec is None or spec.origin is None:
        raise ShopstreamError("apache-flink is not installed here; run `make setup`")
    return Path(spec.origin).parent


def flink_jars() -> list[Path]:
    """The connectors that a job needs beyond Flink's own jars.

    Raises ShopstreamError if one is missing: a job would only fail much later, in the planner.
    """
    expected = _pinned("flink")
    absent = [jar.name for jar in expected if not jar.is_file()]
    if absent:
        raise ShopstreamError(
            f"{', '.join(absent)} missing in {FLINK_CONNECTORS}; run `make setup`"
        )
    return expected


def flink_classpath() -> list[Path]:
    """Every jar of Flink's lib folder, flink-dist last as Flink's own scripts have it."""
    if absent := missing():
        raise ShopstreamError(f"jars are missing in {JARS} ({absent[0]}); run `make setup`")
    return sorted(FLINK_LIB.glob("*.jar"), key=lambda jar: (jar.name.startswith("flink-dist"), jar))


def registry_jar() -> Path:
    """The schema registry's runnable jar."""
    return REGISTRY / f"{_pinned('registry')[0].stem}-runner.jar"


def java_jar() -> Path:
    """The Java of ours: the format for Flink's SQL, and what stands beside Python."""
    pom = ElementTree.parse(JAVA_POM).getroot()
    name, version = (pom.findtext(f"m:{tag}", "", _NAMESPACE) for tag in ("artifactId", "version"))
    return JARS / "java" / f"{name}-{version}.jar"


def missing() -> list[str]:
    """What `make setup` would still fetch or link, as paths relative to `.jars`."""
    wanted = [*_pinned("flink"), *_pinned("kafka"), registry_jar(), java_jar()]
    wanted += _pinned("connect")
    wanted += [FLINK_LIB / jar.name for jar in _lib_sources()]
    return [str(jar.relative_to(JARS)) for jar in wanted if not jar.is_file()]


def link_flink_lib() -> None:
    """Fill the lib folder that the cluster, the client and local gateways share.

    The wheel's own lib, flink-python (thread mode dies on the second job in a TaskManager if it is
    not in lib) and the connectors, as links: the wheel itself stays as pip installed it.
    """
    fresh = FLINK_LIB.with_suffix(".new")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    for jar in _lib_sources():
        (fresh / jar.name).symlink_to(jar)
    shutil.rmtree(FLINK_LIB, ignore_errors=True)
    fresh.rename(FLINK_LIB)


def _lib_sources() -> list[Path]:
    home = flink_home()
    own = [*home.glob("lib/*.jar"), *home.glob("opt/flink-python-*.jar")]
    return sorted([*own, *_pinned("flink"), java_jar()])


@cache
def _pinned(folder: str) -> list[Path]:
    """The files that a pom.xml pins for a folder of `.jars`: its artifact items, or for `kafka` and
    `connect` the project's own dependencies (what those bring in turn is Maven's business)."""
    pom = ElementTree.parse(CONNECT_POM if folder == "connect" else POM).getroot()
    properties = {
        item.tag.split("}")[1]: item.text or ""
        for item in pom.findall("m:properties/*", _NAMESPACE)
    }

    def text(item: ElementTree.Element, tag: str) -> str:
        value = item.findtext(f"m:{tag}", "", _NAMESPACE)
        return re.sub(r"\$\{(.+?)\}", lambda match: properties[match[1]], value)

    if folder in ("kafka", "connect"):
        items = pom.findall("m:dependencies/m:dependency", _NAMESPACE)
    else:
        executions = pom.findall(".//m:execution", _NAMESPACE)
        execution = next(e for e in executions if text(e, "id") == folder)
        items = execution.findall(".//m:artifactItem", _NAMESPACE)
    return [JARS / folder / f"{text(i, 'artifactId')}-{text(i, 'version')}.jar" for i in items]


if __name__ == "__main__":
    link_flink_lib()
