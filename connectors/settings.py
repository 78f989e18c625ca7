"""The one typed settings object: `settings.toml`, overridden by `SHOPSTREAM_*` variables."""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from connectors.destinations import Carriers, ChannelName, SalesChannel

ROOT = Path(__file__).resolve().parent.parent

Port = Field(ge=1024, le=65535)
StateBackend = Literal["rocksdb", "hashmap"]


class Tuning(BaseModel):
    """What a job sets for itself; None: as all jobs."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    parallelism: int | None = Field(default=None, ge=1)
    buckets: int | None = Field(default=None, ge=1, le=128)
    fetch_wait_ms: int | None = Field(default=None, ge=0, le=500)
    batch_ms: int | None = Field(default=None, ge=0, le=1000)
    buffer_timeout_ms: int | None = Field(default=None, ge=0, le=1000)
    checkpoint_interval_ms: int | None = Field(default=None, ge=100)
    state_backend: StateBackend | None = None
    watermark_interval_ms: int | None = Field(default=None, ge=1)
    flink: dict[str, str] = Field(default_factory=dict)


class WebhookSource(BaseModel):
    """A platform that sends webhooks: its secrets, of which two hold while one replaces the other.

    currency: ISO 4217, of bodies that name none.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    secrets: tuple[SecretStr, ...] = Field(min_length=1, max_length=2)
    currency: str = Field(pattern="^[A-Z]{3}$")


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
    zookeeper_host: str | None = Field(default=None, min_length=1)

    kafka_port: int = Port
    kafka_controller_port: int = Port
    registry_port: int = Port
    postgres_port: int = Port
    flink_rest_port: int = Port
    flink_rpc_port: int = Port
    flink_blob_port: int = Port
    zookeeper_port: int = Port
    webhooks_port: int = Port
    connect_port: int = Port

    cdc: bool

    taskmanagers: int = Field(ge=1)
    taskmanager_slots: int = Field(ge=1)
    taskmanager_memory_mb: int = Field(ge=1024)
    taskmanager_compiler: Literal["quick", "full"]

    parallelism: int = Field(ge=1)
    buckets: int = Field(ge=1, le=128)
    fetch_wait_ms: int = Field(ge=0, le=500)
    batch_ms: int = Field(ge=0, le=1000)
    checkpoint_interval_ms: int = Field(ge=100)
    state_backend: StateBackend
    watermark_delay_ms: int = Field(ge=0)
    watermark_interval_ms: int = Field(ge=1)
    idle_timeout_ms: int = Field(ge=1)
    buffer_timeout_ms: int = Field(ge=0, le=1000)
    transaction_timeout_ms: int = Field(ge=10_000)
    flink: dict[str, str] = Field(default_factory=dict)
    jobs: dict[str, Tuning] = Field(default_factory=dict)

    webhooks_in_flight: int = Field(ge=1, le=10_000)
    webhooks_max_body_kb: int = Field(ge=1, le=3_072)
    webhooks_remember_h: int = Field(ge=5, le=24 * 31)
    webhooks: dict[Literal["shopify", "woocommerce", "magento", "custom"], WebhookSource]
    channels: dict[ChannelName, SalesChannel] = Field(default_factory=dict)
    channels_metrics_port: int = Port
    notifications: Carriers = Field(default_factory=Carriers)
    notifications_metrics_port: int = Port

    def of_job(self, name: str) -> "Settings":
        """The settings as the job `name` has them."""
        tuning = self.jobs.get(name, Tuning())
        own = tuning.model_dump(exclude_none=True)
        return self.model_copy(update=own | {"flink": self.flink | tuning.flink})

    def with_flink(self, options: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
        """The variable by which jobs, by name, have these options of Flink besides their own."""
        tunings = {name: tuning.model_dump(exclude_none=True) for name, tuning in self.jobs.items()}
        for name, more in options.items():
            tuning = tunings.setdefault(name, {})
            tuning["flink"] = tuning.get("flink", {}) | dict(more)
        return {"SHOPSTREAM_JOBS": json.dumps(tunings)}

    @property
    def state_path(self) -> Path:
        """The folder of all local state, absolute."""
        return self.state_dir if self.state_dir.is_absolute() else ROOT / self.state_dir

    @property
    def checkpoints(self) -> Path:
        """Where the checkpoints of each job are, in a folder of its name."""
        return self.state_path.resolve() / "data" / "flink" / "checkpoints"

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
    def connect_url(self) -> str:
        """Base of Kafka Connect's API, which is for the machine that it runs on."""
        return f"http://{self.host}:{self.connect_port}"

    @property
    def postgres_jdbc_url(self) -> str:
        """The same for Flink's connector. A text may go into a column of any type that reads it,
        such as JSON, and rows of a batch go as one statement."""
        host = self.postgres_host or self.host
        options = "user=shopstream&stringtype=unspecified&reWriteBatchedInserts=true"
        return f"jdbc:postgresql://{host}:{self.postgres_port}/shopstream?{options}"

    @property
    def flink_url(self) -> str:
        return f"http://{self.flink_host or self.host}:{self.flink_rest_port}"

    @property
    def zookeeper_quorum(self) -> str:
        """Where the JobManager keeps what a restarted one has to know."""
        return f"{self.zookeeper_host or self.host}:{self.zookeeper_port}"

    @property
    def webhooks_url(self) -> str:
        """Base of the gateway for webhooks."""
        return f"http://{self.host}:{self.webhooks_port}"

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
