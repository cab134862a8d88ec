"""The clients of the environment (АИС) with their secrets and bank accounts, all invented."""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from sandbox.stand_in import InvalidControl

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


@dataclass(frozen=True, slots=True)
class Client:
    """One client. Its secret is a text of any characters; the account is the one that it may name in requests."""

    client_id: str
    secret: str = field(repr=False)
    service_name: str
    bank: str
    bic: str
    iban: str
    ais_name: str
    department_id: int
    is_active: bool = True

    def shown(self) -> dict[str, Any]:
        """Return what the client itself has to know but for its secret, ready for JSON."""
        return {
            "client_id": self.client_id,
            "service_name": self.service_name,
            "bank": self.bank,
            "bic": self.bic,
            "iban": self.iban,
            "active": self.is_active,
        }


_ACCOUNTS = (
    ("sandbox-hospital", "Измислена болница", "BG71SBXA00000000000001", "Sandbox HIS", 101),
    ("sandbox-municipality", "Измислена община", "BG44SBXA00000000000002", "Sandbox AIS", 102),
)
CLIENT_IDS = tuple(client_id for client_id, *_ in _ACCOUNTS)


def invented_clients(secrets: Mapping[str, str]) -> tuple[Client, ...]:
    """Return the clients of every sandbox, with the secrets given by client id."""
    return tuple(
        Client(
            client_id=client_id,
            secret=secrets[client_id],
            service_name=service,
            bank="Измислена банка",
            bic="SBXABGSF",
            iban=iban,
            ais_name=ais,
            department_id=department,
        )
        for client_id, service, iban, ais, department in _ACCOUNTS
    )


class Clients:
    """The clients by id; each can be made inactive."""

    def __init__(self, clients: Iterable[Client]) -> None:
        self._by_id = {client.client_id: client for client in clients}

    def get(self, client_id: str | None) -> Client | None:
        """Return the client, active or not."""
        return self._by_id.get(client_id) if client_id is not None else None

    def authorised(self, client_id: str | None, data: str | None, code: str | None) -> Client | None:
        """Return the active client whose secret gives this HMAC of the data."""
        client = self.get(client_id)
        if client is None or not client.is_active or data is None or code is None:
            return None
        right = hmac_of(client.secret, data)
        return client if hmac.compare_digest(right.encode(), code.encode("utf-8", "replace")) else None

    def control(self, body: Any) -> dict[str, Any]:
        """Make a client active or inactive: `{"clientId", "active"}`; return them all. Raises InvalidControl."""
        if body:
            client = self.get(body.get("clientId")) if isinstance(body, dict) else None
            if (
                client is None
                or not isinstance(body.get("active"), bool)
                or len(body) != len(("id", "active"))
            ):
                raise InvalidControl(f"give clientId ({', '.join(self._by_id)}) and active (true or false)")
            self._by_id[client.client_id] = replace(client, is_active=body["active"])
        return {"clients": [client.shown() for client in self._by_id.values()]}


def hmac_of(secret: str, data: str) -> str:
    """Return the HMAC-SHA256 of the data's text under the secret, in base64."""
    digest = hmac.new(secret.encode(), data.encode("utf-8", "replace"), hashlib.sha256).digest()
    return base64.b64encode(digest).decode()
