"""Settings of those to whom things are sent: sales channels, and who carries messages to people."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, HttpUrl, SecretStr

UpdateKind = Literal["stock", "prices", "orders"]
ChannelName = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*$")]


class Destination(BaseModel):
    """How somebody wants to be called.

    rate_per_s, burst: calls a second, and at once; what they allow, or less.
    in_flight: calls under way at once.
    timeout_s: seconds after which a call counts as failed.
    attempts: calls that may fail before an update becomes a dead letter.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    rate_per_s: float = Field(default=2.0, gt=0)
    burst: int = Field(default=1, ge=1)
    in_flight: int = Field(default=4, ge=1)
    timeout_s: float = Field(default=10.0, gt=0, le=120)
    attempts: int = Field(default=16, ge=1)


class Endpoint(Destination):
    """A JSON API; `token` is sent as a bearer token."""

    url: HttpUrl
    token: SecretStr | None = None


class SalesChannel(Endpoint):
    """Where the shop's goods are sold too. `updates`: what it wants to know."""

    updates: frozenset[UpdateKind] = frozenset({"stock", "prices", "orders"})


class MailServer(Destination):
    """An SMTP server. It is spoken to encrypted if it can be; `implicit_tls`: from the first byte.

    sender: as in "The shop <shop@example.com>".
    """

    host: str = Field(min_length=1)
    port: int = Field(default=587, ge=1, le=65535)
    implicit_tls: bool = False
    username: str | None = None
    password: SecretStr | None = None
    sender: str = Field(pattern=r"^[^@\r\n]+@[^@\s]+$")


class Carriers(BaseModel):
    """Who carries messages of each kind; without one there are no such messages."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    email: MailServer | None = None
    sms: Endpoint | None = None
    push: Endpoint | None = None

    @property
    def any(self) -> bool:
        return bool(self.email or self.sms or self.push)
