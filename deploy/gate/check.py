"""`sql check`: what a path means, the stages over it, and what they found."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from connectors.errors import ShopstreamError
from connectors.settings import Settings
from deploy.gate import planning, style
from deploy.gate.findings import Finding, Stage
from deploy.gate.session import Session
from jobs.sql import parameters
from jobs.sql.room import CATALOG, Folder, SqlFile, room_of, shown

Say = Callable[[str], None]


@dataclass
class Verdict:
    """What was checked, and the findings of the first stage that has any."""

    files: int = 0
    tests: int = 0
    findings: list[Finding] = field(default_factory=list)


@dataclass(frozen=True)
class Target:
    """The files of one folder that are to be checked; all of them if `whole`."""

    folder: Folder
    files: list[SqlFile]
    whole: bool


def check(paths: Iterable[Path], settings: Settings, say: Say = lambda _: None) -> Verdict:
    """Check files, folders or whole rooms; `say` hears which stage begins.

    A path of a golden test or of parameters stands for what they belong to.
    """
    targets = [target for path in paths for target in _targets(path, settings)]
    verdict = Verdict(files=sum(len(target.files) for target in targets))
    say(f"{verdict.files} files: {Stage.STYLE}")
    for target in targets:
        for file in target.files:
            verdict.findings += style.check(target.folder, file)
        if target.whole:
            verdict.findings += style.check_parameters(target.folder)
    if _stopped(verdict):
        return verdict
    sessions = [(Session(target.folder), target) for target in targets]
    say(f"{verdict.files} files: {Stage.PLANNER} and {Stage.MEANING}")
    for session, target in sessions:
        verdict.findings += planning.check(session, target.files)
    planner = [found for found in verdict.findings if found.stage is Stage.PLANNER]
    verdict.findings = planner or verdict.findings
    if _stopped(verdict):
        return verdict
    from deploy.gate.golden import run as golden

    say(f"{verdict.files} files: {Stage.GOLDEN}")
    for session, target in sessions:
        outcome = golden.check(session, target.files)
        verdict.tests += outcome.tests
        verdict.findings += outcome.findings
    _stopped(verdict)
    return verdict


def folder_of(path: Path, settings: Settings) -> Folder:
    """The folder of SQL that a file or folder of a room is or lies in."""
    if not path.exists():
        raise ShopstreamError(f"there is no {shown(path)}; expected a file or folder of SQL")
    folder = path if path.is_dir() else path.parent
    if folder.name == "tests":
        folder = folder.parent
    return Folder(folder, room_of(folder), parameters.of_environment(settings))


def _targets(path: Path, settings: Settings) -> list[Target]:
    path = path.resolve()
    folder = folder_of(path, settings)
    if folder.path == folder.root:
        if path.is_dir() or path.name.endswith(".yaml"):
            inner = sorted(each for each in folder.root.iterdir() if any(each.glob("*.sql")))
            return [target for each in inner for target in _targets(each, settings)]
        raise ShopstreamError(f"{shown(path)}: SQL belongs into {CATALOG}/ or a domain's folder")
    if path.suffix == ".sql":
        return [Target(folder, [folder.file(path)], whole=False)]
    if path.parent.name == "tests" and path.suffix == ".yaml":
        about = folder.path / f"{path.stem}.sql"
        if not about.is_file():
            raise ShopstreamError(f"{shown(path)} tests nothing: there is no {shown(about)}")
        return [Target(folder, [folder.file(about)], whole=False)]
    if not folder.files:
        raise ShopstreamError(f"{shown(path)} has no .sql files")
    return [Target(folder, folder.files, whole=True)]


def _stopped(verdict: Verdict) -> bool:
    verdict.findings = sorted(set(verdict.findings))
    return bool(verdict.findings)
