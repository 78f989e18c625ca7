"""Whether the stack may have its ports: said before anything is started."""

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from connectors.errors import ShopstreamError
from connectors.settings import Settings
from deploy.stack.ports import require_ports
from deploy.stack.temporary import free_ports


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(state_dir=tmp_path, **free_ports())


@pytest.fixture
def someone_else(settings: Settings) -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", settings.registry_port)) as server:
        yield server


def test_free_ports_are_fine(settings: Settings) -> None:
    require_ports(settings)


@pytest.mark.usefixtures("someone_else")
def test_a_taken_port_is_named_with_its_setting_its_variable_and_its_holder(
    settings: Settings,
) -> None:
    with pytest.raises(ShopstreamError) as refused:
        require_ports(settings)

    said = str(refused.value)
    assert said.startswith(f"port {settings.registry_port} (registry_port) is held by ")
    assert f"(pid {os.getpid()})" in said
    assert "SHOPSTREAM_REGISTRY_PORT" in said
    assert "\n" not in said


def test_two_settings_cannot_have_the_same_port(settings: Settings) -> None:
    twice = settings.model_copy(update={"flink_blob_port": settings.kafka_port})

    with pytest.raises(ShopstreamError, match=r"\(flink_blob_port\) is held by .* kafka_port"):
        require_ports(twice)
