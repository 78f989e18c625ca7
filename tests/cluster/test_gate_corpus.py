"""Broken SQL, each file caught by the right stage at the right line; good SQL by none."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from support.gate_functions import FUNCTIONS

from connectors.settings import settings
from deploy.gate.check import check
from jobs.sql.room import SQL, Folder

CORPUS = Path(__file__).parents[1] / "gate_corpus"
EXPECTED: dict[str, dict[str, Any]] = yaml.safe_load((CORPUS / "expected.yaml").read_text())
FILES = sorted((CORPUS / "shop").glob("*.sql"))
GOOD = [path for path in FILES if path.stem not in EXPECTED]


@pytest.fixture(autouse=True)
def python_functions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Folder, "functions", FUNCTIONS)


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_a_broken_file_is_caught_by_its_stage_at_its_line(name: str):
    expected = EXPECTED[name]
    (found,) = check([CORPUS / "shop" / f"{name}.sql"], settings()).findings
    place = expected.get("in", f"shop/{name}.sql")
    assert (found.path, found.line) == (CORPUS / place, expected["line"]), str(found)
    assert found.stage.value == expected["stage"]
    assert expected["says"] in found.sentence
    assert "\n" not in str(found)


@pytest.mark.parametrize("path", GOOD, ids=[path.stem for path in GOOD])
def test_a_good_file_of_the_corpus_is_not_flagged(path: Path):
    assert check([path], settings()).findings == []


@pytest.mark.skipif(not (SQL / "catalog").is_dir(), reason="there is no SQL yet")
def test_none_of_the_suites_own_sql_is_flagged(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.undo()
    verdict = check([SQL], settings())
    assert [str(found) + "\n" + found.detail for found in verdict.findings] == []
    assert verdict.tests > 0
