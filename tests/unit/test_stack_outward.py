"""The services that tell others: there where somebody is to be told, and only then."""

from pathlib import Path
from typing import Any

import pytest

from connectors.settings import Settings
from deploy.stack import render
from deploy.stack.services import services

MARKET = {"url": "http://127.0.0.1:9/api", "token": "market-secret"}
MAIL = {"host": "127.0.0.1", "sender": "Shop <shop@shop.example>", "password": "mail-secret"}


def rendered(state: Path, **settings: Any) -> dict[Path, str]:
    return render.render(Settings(state_dir=state, **settings))


def names(state: Path, **settings: Any) -> set[str]:
    return {service.name for service in services(Settings(state_dir=state, **settings))}


def test_without_anybody_to_tell_neither_is_there(tmp_path: Path) -> None:
    assert not names(tmp_path) & {"channels", "notifications"}


def test_each_is_there_where_it_has_somebody(tmp_path: Path) -> None:
    assert "channels" in names(tmp_path, channels={"market": MARKET})
    assert "notifications" in names(tmp_path, notifications={"email": MAIL})


@pytest.mark.parametrize("change", [{"token": "another"}, {"rate_per_s": 5}, {"updates": []}])
def test_what_changes_about_a_channel_is_noticed_and_no_secret_is_written(
    tmp_path: Path, change: dict[str, Any]
) -> None:
    before = rendered(tmp_path, channels={"market": MARKET})
    assert rendered(tmp_path, channels={"market": MARKET}) == before
    assert rendered(tmp_path, channels={"market": MARKET | change}) != before
    assert "secret" not in "".join(before.values())


def test_secrets_are_masked_when_settings_are_printed(tmp_path: Path) -> None:
    chosen = Settings(
        state_dir=tmp_path, channels={"market": MARKET}, notifications={"email": MAIL}
    )
    assert "-secret" not in f"{chosen!r}{chosen}"


def test_a_channels_name_is_one_that_kafka_and_people_can_bear(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="pattern"):
        Settings(state_dir=tmp_path, channels={"My shop": MARKET})
