"""What `--watch` checks again."""

from pathlib import Path

from deploy.gate.watch import affected

ROOT = Path("/sql")
SHOP = ROOT / "shop"


def test_a_file_that_changes_is_checked_for_itself():
    changed = SHOP / "view.sql"
    found = affected(SHOP, ROOT, [changed])
    assert found == ([changed] if changed.exists() else [])


def test_a_file_and_its_golden_tests_are_checked(tmp_path: Path):
    (tmp_path / "tests").mkdir()
    paths = [tmp_path / "view.sql", tmp_path / "tests" / "view.yaml"]
    for path in paths:
        path.touch()
    assert affected(tmp_path, tmp_path.parent, paths) == paths


def test_a_table_or_parameters_that_change_check_everything_again():
    for changed in (ROOT / "catalog" / "clicks.sql", SHOP / "parameters.yaml"):
        assert affected(SHOP, ROOT, [changed]) == [SHOP]


def test_another_folder_is_none_of_its_business(tmp_path: Path):
    other = tmp_path / "other" / "view.sql"
    other.parent.mkdir()
    other.touch()
    (tmp_path / "shop").mkdir()
    assert affected(tmp_path / "shop", tmp_path, [other]) == []
