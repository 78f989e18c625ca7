"""The one typed settings object: `settings.toml`, overridden by `SHOPSTREAM_*` variables."""

from functools import cache
from pathlib import Path

from pydantic import Field
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

ROOT = Path(__file__).resolve().parent.parent

Port = Field(ge=1024, le=65535)


class Settings(BaseSettings):
    """Where things run and how jobs are tuned. Read once, at the edge; a rule never sees it."""

    model_config = SettingsConfigDict(
        env_prefix="SHOPSTREAM_", toml_file=ROOT / "settings.toml", extra="forbid", frozen=True
    )

    state_dir: Path
    host: str
    # Where the services have hosts of their own, as containers have; `host` if not given.
    kafka_host: str | None = Field(default=None, min_length=1)
    registry_host: str | None = Field(default=None, min_length=1)
    postgres_host: str | None = Field(default=None, min_length=1)
    flink_host: str | None = Field(default=None, min_length=1)

    kafka_port: int = Port
    kafka_controller_port: int = Port
    registry_port: int = Port
    postgres_port: int = Port
    flink_rest_port: int = Port
    flink_rpc_port: int = Port
    flink_blob_port: int = Port

    taskmanagers: int = Field(ge=1)
    taskmanager_memory_mb: int = Field(ge=1024)

    parallelism: int = Field(ge=1)
    buckets: int = Field(ge=1, le=32768)
    batch_ms: int = Field(ge=0, le=1000)
    checkpoint_interval_ms: int = Field(ge=100)
    watermark_delay_ms: int = Field(ge=0)
    idle_timeout_ms: int = Field(ge=1)
    transaction_timeout_ms: int = Field(ge=60_000)

    @property
    def state_path(self) -> Path:
        """The folder of all local state, absolute."""
        return self.state_dir if self.state_dir.is_absolute() else ROOT / self.state_dir

    @property
    def kafka_bootstrap(self) -> str:
        return f"{self.kafka_host or self.host}:{self.kafka_port}"

    @property
    def registry_url(self) -> str:
        """Base of the Confluent-compatible API."""
        return f"http://{self.registry_host or self.host}:{self.registry_port}/apis/ccompat/v7"

    @property
    def postgres_dsn(self) -> str:
        """The project's database; the local Postgres trusts loopback, so there is no password."""
        host = self.postgres_host or self.host
        return f"postgresql://shopstream@{host}:{self.postgres_port}/shopstream"

    @property
    def flink_url(self) -> str:
        return f"http://{self.flink_host or self.host}:{self.flink_rest_port}"

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Environment over file; no other source."""
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls)


@cache
def settings() -> Settings:
    """The process's settings."""
    return Settings()
