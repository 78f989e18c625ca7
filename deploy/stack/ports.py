"""Whether the stack's ports are its own to take."""

from dataclasses import dataclass

import psutil

from connectors.errors import ShopstreamError
from connectors.settings import Settings
from deploy.stack import processes
from deploy.stack.paths import StackPaths


@dataclass(frozen=True)
class TakenPort:
    """A port of the settings that something else holds."""

    setting: str
    port: int
    holder: str

    def __str__(self) -> str:
        return (
            f"port {self.port} ({self.setting}) is held by {self.holder}: stop it, or choose "
            f"another port with SHOPSTREAM_{self.setting.upper()} or in settings.toml"
        )


def port_settings(settings: Settings) -> dict[str, int]:
    """The settings that are ports, by name."""
    names = [name for name in type(settings).model_fields if name.endswith("_port")]
    return {name: getattr(settings, name) for name in names}


def taken_ports(settings: Settings) -> list[TakenPort]:
    """The ports that cannot be had: held by a process that is not this stack's, or asked twice."""
    own: set[int] | None = None
    first: dict[int, str] = {}
    taken = []
    for setting, port in port_settings(settings).items():
        if port in first:
            taken.append(TakenPort(setting, port, f"the setting {first[port]} too"))
            continue
        first[port] = setting
        if processes.is_free(settings.host, port):
            continue
        if own is None:
            own = {p.pid for p in processes.of_stack(StackPaths.of(settings).state)}
        holder = processes.listener(port)
        if holder is None or holder.pid not in own:
            taken.append(TakenPort(setting, port, _described(holder)))
    return taken


def require_ports(settings: Settings) -> None:
    """Raises ShopstreamError for the first port that the stack needs and cannot have."""
    if taken := taken_ports(settings):
        raise ShopstreamError(str(taken[0]))


def _described(holder: psutil.Process | None) -> str:
    if holder is None:
        return "a process of another user"
    try:
        return f"{holder.name()} (pid {holder.pid})"
    except psutil.Error:
        return f"pid {holder.pid}"
