"""From where a job resumes, so that nothing is lost and nothing comes twice."""

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from connectors.errors import ShopstreamError
from connectors.transactions import Fate, Prepared
from deploy.resuming import Resumption, resumption

Checkpoints = Callable[..., list[Path]]


@pytest.fixture
def checkpoints(tmp_path: Path) -> Checkpoints:
    """Makes complete checkpoints of one run, by number."""

    def made(*numbers: int) -> list[Path]:
        folders = [tmp_path / f"chk-{number}" for number in numbers]
        for folder in folders:
            folder.mkdir()
            (folder / "_metadata").touch()
        return folders

    return made


def known(**fates: list[Fate]) -> Callable[[Path], Mapping[Prepared, Fate]]:
    def fates_of(state: Path) -> Mapping[Prepared, Fate]:
        found = fates.get(state.name.replace("-", "_"), [])
        return {Prepared(f"t{n}", 1): fate for n, fate in enumerate(found)}

    return fates_of


def test_the_newest_is_resumed_while_kafka_has_what_it_counts_on(checkpoints: Checkpoints) -> None:
    _, newest = checkpoints(9, 10)
    fates_of = known(chk_10=[Fate.OPEN, Fate.COMMITTED])

    assert resumption(newest, fates_of) == Resumption(newest)


def test_the_one_before_is_resumed_if_all_that_was_written_since_is_aborted(
    checkpoints: Checkpoints,
) -> None:
    _, before, newest = checkpoints(2, 9, 10)
    fates_of = known(chk_9=[Fate.COMMITTED], chk_10=[Fate.ABORTED, Fate.OPEN])

    assert resumption(newest, fates_of) == Resumption(before, newest)


def test_it_is_refused_if_some_outputs_are_aborted_and_others_are_not(
    checkpoints: Checkpoints,
) -> None:
    _, newest = checkpoints(9, 10)

    with pytest.raises(ShopstreamError, match=r"aborted 1 of the 2 .*committed others.*--accept"):
        resumption(newest, known(chk_10=[Fate.ABORTED, Fate.COMMITTED]))


def test_it_is_refused_if_there_is_nothing_before(checkpoints: Checkpoints) -> None:
    (newest,) = checkpoints(10)

    with pytest.raises(ShopstreamError, match="no checkpoint before it"):
        resumption(newest, known(chk_10=[Fate.ABORTED]))


def test_it_is_refused_if_the_one_before_has_lost_outputs_too(checkpoints: Checkpoints) -> None:
    _, newest = checkpoints(9, 10)

    with pytest.raises(ShopstreamError, match="no checkpoint before it"):
        resumption(newest, known(chk_9=[Fate.ABORTED], chk_10=[Fate.ABORTED]))
