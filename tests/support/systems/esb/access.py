"""Access to an ESB for unit tests: real keys, real code, and a scripted client in place of the network."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from tests.support.fakes.scripted_client import Request, ScriptedClient
from tests.support.signing.certificates import issue
from tests.support.signing.signers import file_key
from worker.systems.esb.access import EsbAccess
from worker.systems.esb.settings import EsbSettings
from worker.systems.mutual_tls import ClientCertificates
from worker.transport.port import Answer

NOW = datetime.now(UTC).replace(microsecond=0)
KEYS = {name: file_key(name, issue(f"{name}.hospital.example"), clock=lambda: NOW) for name in ("one", "two")}
URLS = {"token_url": "https://esb.test:5050", "gateway_url": "https://esb.test:5051"}


class Clients:
    """One scripted client for all signers, as `SignerClients` has one for each."""

    def __init__(self, client: ScriptedClient) -> None:
        self.client = client
        self.shown: list[str] = []

    def of(self, signer: str) -> ScriptedClient:
        self.shown.append(signer)
        return self.client

    def any(self) -> ScriptedClient:
        return self.client

    def renewal(self, signer: str, key: Any) -> Any:
        del key
        return lambda: self.shown.append(f"renewed {signer}")

    def trust(self) -> Any:
        return lambda: None

    async def aclose(self) -> None:
        await self.client.aclose()


def json_answer(content: Any, status: int = 200, **headers: str) -> Answer:
    return Answer(status, headers, json.dumps(content, ensure_ascii=False).encode())


def failure(origin: str = "EPAYMENT", *messages: str, wait: int | None = None) -> dict[str, Any]:
    """The ESB's own error."""
    causes = [{"code": f"C{number}", "message": text} for number, text in enumerate(messages, 1)]
    return {"failureOrigin": origin, "cause": causes, "retryAfter": wait}


class Service:
    """A token service that grants tokens of 1000 s by their number, and does with other requests what it is told."""

    def __init__(self) -> None:
        self.tokens: list[Request] = []
        self.others: list[Request] = []
        self.answer = json_answer({})
        self.token_answer: Answer | None = None
        self.expires_in: Any = 1000

    def __call__(self, request: Request) -> Answer:
        if "/introspect" in request.url:
            self.others.append(request)
            return self.answer
        if "/token" not in request.url:
            self.others.append(request)
            return self.answer
        self.tokens.append(request)
        granted = {"token_type": "Bearer", "access_token": f"t-{len(self.tokens)}", "scope": "/ep*"}
        return self.token_answer or json_answer({**granted, "expires_in": self.expires_in})


def access(service: Any, *, time: Any = lambda: 0.0, keys: Any = None, unusable: Any = None, **settings: Any):
    """Return an access for the signers one and two, and its scripted client."""
    made = EsbSettings.model_validate({**URLS, **settings})
    client = ScriptedClient([service])
    problems = unusable or {}
    known = KEYS if keys is None else keys
    certificates = ClientCertificates(
        ("one", "two"),
        keys=known,
        now=lambda: NOW,
        accepted=made.signature_algorithms,
        unusable=problems,
    )
    esb = EsbAccess(
        made,
        system="epayment",
        signers=("one", "two"),
        certificates=certificates,
        clients=Clients(client),  # type: ignore[arg-type]
        unusable=problems,
        now=lambda: NOW,
        monotonic=time,
    )
    return esb, client
