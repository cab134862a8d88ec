"""A CSC provider in memory, and signers that ask it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sandbox.csc.stand_in import CscProvider
from tests.support.signing.remote import SECRETS, People, StandInClient, Time, context
from worker.signing.csc.grants import Grants
from worker.signing.csc.settings import CscSigner
from worker.signing.csc.signer import CscDigestSigner
from worker.signing.refused_secrets import SecretsRefusedHere
from worker.signing.remote.exchange import Exchange
from worker.transport.port import DeliveryError

NAME = "dr-ivanova"
LOST = DeliveryError("answer-timeout", "no answer", sent=True)
URL = "https://provider.invalid"
GIVEN = {
    "kind": "csc",
    "url": URL,
    "credential_id": NAME,
    "client_id": "herald",
    "client_secret": SECRETS["secret"],
    "pin": SECRETS["pin"],
}


@dataclass
class Played:
    """The provider, the clock, and the memory of refused secrets that all signers share."""

    people: People
    time: Time
    memory: SecretsRefusedHere = field(default_factory=SecretsRefusedHere)

    def __post_init__(self) -> None:
        self.stand_in = CscProvider(
            self.people.keys,
            dict.fromkeys(self.people.keys, SECRETS["pin"]),
            self.people.authority.certificate,
            SECRETS["secret"],
            now=self.time.now,
            token_seconds=3600.0,
        )
        self.stand_in.url = URL
        self.client = StandInClient(self.stand_in)

    def variants(self, **changes: Any) -> None:
        """Change the provider's variants."""
        self.stand_in.control("variants", changes)

    def signatures(self, **changes: Any) -> None:
        """Let its signatures be wrong."""
        self.stand_in.control("signatures", changes)

    @property
    def ledger(self):
        return self.stand_in.provider.ledger

    def signer(
        self, *, name: str = "doctor", grants: Grants | None = None, **changes: Any
    ) -> CscDigestSigner:
        """Return another signer, as after a restart; ``grants``: those of a process that it shares."""
        given = {name: value for name, value in (GIVEN | changes).items() if value is not None}
        settings = CscSigner(**given)
        exchange = Exchange(settings, lambda _: self.client)
        known = context(self.time, self.memory)
        return CscDigestSigner(name, settings, exchange, known, grants=grants, sleep=self.time.sleep)


def once(end: str, reaction: Any) -> Callable[[Any], Any]:
    """Return a fault for the first request to an address with this end."""
    left = [reaction]
    return lambda request: left.pop() if left and request.url.endswith(end) else None


async def accepted(played: Played, digests: Sequence[bytes]) -> None:
    """Let the provider take the PIN and the client's secret, from another process."""
    await played.signer().sign_digests(digests)
    played.ledger.authorisations.clear()
