"""Where the receiver listens, whom it trusts, and how much it takes."""

from __future__ import annotations

from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Annotated

from pydantic import BeforeValidator, ByteSize, Field, model_validator

from worker.inbound.files.settings import FileServingSettings
from worker.setting_types import SettingsModel, must_be

_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})

SystemName = Annotated[str, must_be(r"[a-z0-9-]{1,40}", "the name of a system, such as `nhis`")]


def _network(given: object) -> object:
    """Leave the library's error, which quotes the value, out."""
    for kind in (IPv4Network, IPv6Network):
        try:
            return kind(given)
        except ValueError:
            continue
    raise ValueError("must be a network such as 10.0.0.0/8, or an address")


Network = Annotated[IPv4Network | IPv6Network, BeforeValidator(_network)]


class ReceiverTls(SettingsModel):
    """The receiver's certificate. Changed files are loaded again while it runs."""

    cert_file: Path
    """The certificate with those of its issuers, in PEM, the receiver's own first."""
    key_file: Path
    """The private key, in PEM, not encrypted."""
    client_ca_file: Path | None = None
    """Whose client certificates are accepted, in PEM: callers may show one, and need not. Without it none is asked for.
    New authorities are loaded while the receiver runs; a removed one is trusted until it starts again."""


class RouteSettings(SettingsModel):
    """The calls of one system: `/<system>/<secret>/…`."""

    secret_file: Path
    """The file with the secret part of the path: 32 to 200 letters, digits, `-` and `_`. It may have several lines,
    each a secret: all of them are accepted, so that a new one can be introduced before the earlier one is removed.
    Changes are noticed while the receiver runs."""
    requests_per_second: float = Field(default=50.0, gt=0)
    """Calls with the right secret that one receiver takes; the others are answered with 429."""


class ReceiverSettings(SettingsModel):
    """The receiver of the systems' calls. Without `tls` it must be behind a proxy, or listen on the loopback address.

    Sizes and times bound every connection, whoever the caller is.
    """

    in_worker: bool = False
    """Whether `herald worker` receives too, for a small installation. Otherwise only `herald receiver` does."""
    host: str = "0.0.0.0"  # noqa: S104 - the systems call from outside the container
    """The address to listen on."""
    port: int = Field(default=8443, ge=0, le=65535)
    """The port to listen on; 0 takes a free one."""
    tls: ReceiverTls | None = None
    """Without it, the receiver speaks plain HTTP to a proxy that ends TLS."""
    trusted_proxies: tuple[Network, ...] = ()
    """The networks of proxies whose `X-Forwarded-For` names the caller; from others the header is ignored."""
    routes: dict[SystemName, RouteSettings] = Field(default_factory=dict)
    """The systems that may call, by name. At least one, unless `files` is there."""
    files: FileServingSettings | None = None
    """Files over HTTP for hospitals; without this section none are served."""
    requests_per_second_per_peer: float = Field(default=20.0, gt=0)
    """Requests that one receiver takes from one address (of IPv6: from one /64 network), whatever they ask for."""
    max_body_bytes: ByteSize = Field(default=ByteSize(1024 * 1024), ge=1024, le=64 * 1024 * 1024)
    """The largest body; a larger one is answered with 413."""
    max_connections: int = Field(default=200, ge=1, le=10_000)
    """Connections at the same time. Further ones are closed at once."""
    max_connections_per_peer: int = Field(default=50, ge=1, le=10_000)
    """The same, of one address that is no trusted proxy."""
    read_seconds: float = Field(default=10.0, gt=0, le=120)
    """The longest time in which the head of a request must come, and then its body; also for how long an idle
    connection stays open."""
    answer_seconds: float = Field(default=20.0, gt=0, le=120)
    """The longest time from the whole request to the answer. It is 503 where the journal or Kafka needs longer."""
    retry_after_seconds: int = Field(default=30, ge=1, le=3600)
    """After how many seconds a caller shall call again, where the answer is 429 or 503."""

    @model_validator(mode="after")
    def _has_something_to_do(self) -> ReceiverSettings:
        if not self.routes and self.files is None:
            raise ValueError("give at least one of routes, or the section files")
        if self.files is not None and self.files.clients and not (self.tls and self.tls.client_ca_file):
            raise ValueError("files.clients needs tls.client_ca_file")
        return self

    @model_validator(mode="after")
    def _not_in_the_clear(self) -> ReceiverSettings:
        if self.tls is None and not self.trusted_proxies and self.host not in _LOOPBACK:
            raise ValueError(
                "give tls, or name the trusted_proxies that end TLS, or listen on a loopback address"
            )
        return self
