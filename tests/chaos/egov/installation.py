"""Topics and settings for RegiX, ePayments and the receiver, beside those of NHIS and under the same prefix."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.chaos.egov.events import PAYMENTS_SIGNER, REGIX_SIGNER
from tests.chaos.egov.servers import EgovServers
from tests.support.worker.installation import Installation, SystemInstallation
from tests.support.worker.kafka import Topics

SECRET = "c" * 40
CONSUMER = "hospital"
SHORT = {"connect_timeout": 2, "answer_timeout": 2, "total_timeout": 3}
ASKING = {"first": 0.5, "factor": 1.5, "maximum": 2, "pass_seconds": 0.3}
ANSWER_SECONDS = 2
IDLE_SECONDS = 1


@dataclass(frozen=True)
class EgovInstallation:
    """Both systems' surroundings. ``port``: where the sandboxes reach the receivers."""

    regix: SystemInstallation
    epayment: SystemInstallation
    servers: EgovServers
    directory: Path
    port: int

    @classmethod
    def build(
        cls, beside: Installation, servers: EgovServers, directory: Path, port: int, partitions: int
    ) -> EgovInstallation:
        """Make the topics, and the files with secrets."""
        regix, epayment = (
            SystemInstallation(
                beside.bootstrap,
                Topics(beside.topics.prefix, system),
                beside.dsn,
                directory,
                sandbox,
                signers={},
                section={},
            )
            for system, sandbox in (("regix", servers.regix), ("epayment", servers.epayment))
        )
        made = cls(regix, epayment, servers, directory, port)
        for one in made.systems:
            one.topics.create(beside.bootstrap, partitions)
        epayment.topics.create(beside.bootstrap, partitions, made.notifications)
        (directory / "callback-secret").write_text(f"{SECRET}\n")
        (directory / "notification-url").write_text(f"{made.notification_url}\n")
        return made

    @property
    def systems(self) -> tuple[SystemInstallation, SystemInstallation]:
        """Both."""
        return self.regix, self.epayment

    @property
    def notifications(self) -> str:
        """The topic of what ePayments states."""
        return f"{self.epayment.topics.prefix}epayment.notifications"

    @property
    def secret_file(self) -> str:
        """Holds the secret of every path at the receiver."""
        return str(self.directory / "callback-secret")

    @property
    def push_url(self) -> str:
        """What eDelivery calls."""
        return f"https://127.0.0.1:{self.port}/edelivery/{SECRET}"

    @property
    def notification_url(self) -> str:
        """What ePayments calls."""
        return f"https://127.0.0.1:{self.port}/epayment/{SECRET}"

    def of(self, system: str) -> SystemInstallation:
        """Return one of them by its name."""
        return {"regix": self.regix, "epayment": self.epayment}[system]

    def settings(self) -> dict[str, Any]:
        """Return what workers and receivers need beside the settings of NHIS."""
        consumer = next(one for one in self.servers.regix.ready["consumers"] if one["name"] == CONSUMER)
        return {
            "signers": {
                REGIX_SIGNER: {"file": consumer["pkcs12_file"], "password_file": consumer["password_file"]}
            },
            "systems": {"regix": self._regix(), "epayment": self._epayment()},
            "asking": ASKING,
            "receiver": self._receiver(),
        }

    def _regix(self) -> dict[str, Any]:
        return {
            "url": self.servers.regix.ready["basic_url"],
            "senders": [REGIX_SIGNER],
            "callback_url": f"https://127.0.0.1:{self.port}/regix",
            "callback_secret_file": self.secret_file,
            "transport": {"ca_file": self.servers.regix.ca_file, **SHORT},
        }

    def _epayment(self) -> dict[str, Any]:
        client = self.servers.epayment.ready["clients"][0]
        provider = {
            "name": client["service_name"],
            **{name: client[name] for name in ("bank", "bic", "iban")},
        }
        desk = {
            "client_id": client["client_id"],
            "secret_file": client["secret_file"],
            "provider": provider,
        }
        return {
            "service_url": self.servers.epayment.url,
            "clients": {PAYMENTS_SIGNER: desk},
            "notification_url_file": str(self.directory / "notification-url"),
            "transport": {"ca_file": self.servers.epayment.ca_file, **SHORT},
        }

    def _receiver(self) -> dict[str, Any]:
        return {
            "host": "127.0.0.1",
            "tls": {"cert_file": str(self.servers.cert_file), "key_file": str(self.servers.key_file)},
            "routes": {
                name: {"secret_file": self.secret_file, "requests_per_second": 10_000}
                for name in ("regix", "epayment")
            },
            "requests_per_second_per_peer": 10_000,
            "max_connections_per_peer": 200,
            "answer_seconds": ANSWER_SECONDS,
            "read_seconds": IDLE_SECONDS,
        }
