"""Topics and settings for eDelivery and eForms, beside those of NHIS and under the same prefix."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from contracts.edelivery.examples import FILES_FIELD, TEXT_FIELD
from tests.chaos.letters.events import CITIZEN, SIGNER
from tests.chaos.letters.servers import LettersServers
from tests.support.worker.installation import Installation, SystemInstallation
from tests.support.worker.kafka import Topics

SHORT = {"connect_timeout": 2, "answer_timeout": 2, "total_timeout": 3}
LOOK_EVERY = 5
"""Seconds between two looks into the inbox, the least that the settings take; a push notification hastens one."""
LOOKING = {
    "least_seconds": 0.3,
    "look_seconds": 3,
    "first": 0.5,
    "maximum": 2,
    "pass_seconds": 0.3,
}
RESPONSE = {
    "recipient_profile_id": CITIZEN,
    "template_id": 1,
    "xml_field": FILES_FIELD,
    "texts": {TEXT_FIELD: "Измислен отговор"},
}


@dataclass(frozen=True)
class LettersInstallation:
    """Both systems' surroundings. ``push_url``: where the system posts that a message has arrived."""

    edelivery: SystemInstallation
    eforms: SystemInstallation
    servers: LettersServers
    push_url: str

    @classmethod
    def build(
        cls, beside: Installation, servers: LettersServers, directory: Path, push_url: str, partitions: int
    ) -> LettersInstallation:
        """Make the topics."""
        edelivery, eforms = (
            SystemInstallation(
                beside.bootstrap,
                Topics(beside.topics.prefix, system),
                beside.dsn,
                directory,
                servers.edelivery,
                signers={},
                section={},
            )
            for system in ("edelivery", "eforms")
        )
        made = cls(edelivery, eforms, servers, push_url)
        for one in made.systems:
            one.topics.create(beside.bootstrap, partitions)
        edelivery.topics.create(beside.bootstrap, partitions, *made.notifications)
        return made

    @property
    def systems(self) -> tuple[SystemInstallation, SystemInstallation]:
        """Both."""
        return self.edelivery, self.eforms

    @property
    def notifications(self) -> Mapping[str, str]:
        """The systems by their topics of notifications."""
        return {
            f"{one.topics.prefix}{one.topics.system}.notifications": one.topics.system for one in self.systems
        }

    def of(self, system: str) -> SystemInstallation:
        """Return one of them by its name."""
        return {"edelivery": self.edelivery, "eforms": self.eforms}[system]

    def settings(self, secret_file: str) -> dict[str, Any]:
        """Return what workers and receivers need beside the settings of the other systems."""
        gateway, client = self.servers.edelivery, self.servers.client
        transport = {"ca_file": gateway.ca_file, **SHORT}
        common = {
            "senders": [SIGNER],
            "files": {
                "hosts": [gateway.url.removeprefix("https://")],
                "transport": transport,
                "scan_seconds": 1,
            },
            # Right for both behaviours of the server: a number that it kept proves a message, too.
            "look_up": {"sent_rnu": "replaced", "wait_seconds": 2},
        }
        watches = {"inbox": {"signer": SIGNER, "seconds": LOOK_EVERY}}
        return {
            "signers": {SIGNER: {"file": client["pkcs12_file"], "password_file": client["password_file"]}},
            "esb": {
                "token_url": self.servers.tokens.url,
                "gateway_url": gateway.url,
                "transport": transport,
            },
            "files": {},
            "systems": {
                "edelivery": {**common, "watches": watches},
                "eforms": {**common, "response": RESPONSE},
            },
            "looking": LOOKING,
            "receiver": {
                "routes": {"edelivery": {"secret_file": secret_file, "requests_per_second": 10_000}}
            },
        }
