"""Where Kafka is and how to speak to it."""

from __future__ import annotations

import ssl
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, ByteSize, Field, SecretStr, model_validator

from worker.secret_file import secret_in
from worker.setting_types import SettingsModel, must_be

KIB = 1024
Server = Annotated[
    str,
    must_be(
        r"(\[[0-9a-fA-F:]+\]|[A-Za-z0-9._-]+):[0-9]{1,5}", "host:port, as in kafka-1.hospital.example:9092"
    ),
]
TopicPart = Annotated[str, must_be(r"[A-Za-z0-9._-]{0,150}", "at most 150 letters a-z, digits and . _ -")]


class KafkaSecurity(SettingsModel):
    """Encryption and authentication towards Kafka."""

    protocol: Literal["plaintext", "ssl", "sasl_plaintext", "sasl_ssl"] = "plaintext"
    """How clients connect. `ssl` and `sasl_ssl` encrypt, the `sasl_` ones log in by name and password."""
    ca_file: Path | None = None
    """The certificates to trust, PEM; without it the machine's own."""
    cert_file: Path | None = None
    """The client certificate with its chain, PEM, where Kafka asks for one."""
    key_file: Path | None = None
    """The key of `cert_file`, PEM, not encrypted."""
    mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] | None = None
    """How to log in; needed by the `sasl_` protocols."""
    username: str | None = None
    """The name to log in with."""
    password_file: Path | None = None
    """A file that holds the password and nothing else."""
    password: SecretStr | None = None
    """The password itself: by variable only."""

    @property
    def encrypted(self) -> bool:
        """Whether connections use TLS."""
        return self.protocol in {"ssl", "sasl_ssl"}

    @property
    def logs_in(self) -> bool:
        """Whether connections use SASL."""
        return self.protocol.startswith("sasl_")

    def ssl_context(self) -> ssl.SSLContext | None:
        """Return the TLS context, or None for connections in the clear. Raises OSError and ssl.SSLError."""
        if not self.encrypted:
            return None
        context = ssl.create_default_context(cafile=self.ca_file)
        if self.cert_file:
            context.load_cert_chain(self.cert_file, self.key_file)
        return context

    def login_password(self) -> str | None:
        """Return the password, read from its file at each call. Raises OSError, UnicodeDecodeError."""
        if self.password_file:
            return secret_in(self.password_file)
        return self.password.get_secret_value() if self.password else None

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        problems = [*self._login_problems(), *self._tls_problems()]
        if problems:
            raise ValueError("; ".join(problems))
        return self

    def _login_problems(self) -> list[str]:
        given = {"mechanism": self.mechanism, "username": self.username}
        passwords = [value for value in (self.password, self.password_file) if value is not None]
        if not self.logs_in:
            used = [name for name, value in given.items() if value is not None]
            used += ["a password"] if passwords else []
            return [f"protocol {self.protocol} does not use {name}" for name in used]
        problems = [
            f"protocol {self.protocol} needs {name}" for name, value in given.items() if value is None
        ]
        if len(passwords) != 1:
            problems.append(
                f"protocol {self.protocol} needs password_file or the password by variable, not both"
            )
        return problems

    def _tls_problems(self) -> list[str]:
        given = [name for name in ("ca_file", "cert_file", "key_file") if getattr(self, name) is not None]
        if not self.encrypted:
            return [f"protocol {self.protocol} does not use {name}" for name in given]
        if (self.cert_file is None) != (self.key_file is None):
            return ["cert_file and key_file belong together"]
        return []


def _split(value: object) -> object:
    """Take `a:1,b:2` as a list, as other Kafka clients do: this form fits a variable."""
    return [part.strip() for part in value.split(",")] if isinstance(value, str) else value


class KafkaSettings(SettingsModel):
    """Kafka: where it is, and how large what Herald takes and publishes may be."""

    bootstrap_servers: Annotated[tuple[Server, ...], BeforeValidator(_split), Field(min_length=1)]
    """Some of Kafka's addresses, `host:port`: a list, or one text with commas."""
    topic_prefix: TopicPart = "herald."
    """The prefix of all topic names."""
    security: KafkaSecurity = KafkaSecurity()
    """Encryption and authentication."""
    max_event_bytes: ByteSize = Field(default=ByteSize(1024 * KIB), ge=KIB)
    """The largest event in bytes; a larger one becomes a dead letter (`too-large`)."""
    max_reply_bytes: ByteSize = Field(default=ByteSize(900 * KIB), ge=16 * KIB)
    """The largest reply; where the system's answer would make it larger, the reply has its evidence id instead.

    Must stay below what the reply topics take (`max.message.bytes`).
    """
