"""Answers of NHIS as text, and the scripted clients that give them: for unit tests, without a network."""

from __future__ import annotations

from dataclasses import dataclass
from xml.sax.saxutils import quoteattr

from tests.support.fakes.scripted_client import ScriptedClient
from worker.transport.port import Answer

MESSAGE_ID = "11111111-2222-4333-8444-555555555555"
NRN = "26001A2B3C4D"
LRN = "5e0c2b9a-6f5b-5d0e-9a53-0b6f3a0f7d11"


def leaf(name: str, value: str) -> str:
    """Write one element in the way of NHIS."""
    return f"<nhis:{name} value={quoteattr(value)}/>"


def leaves(**values: str) -> str:
    """Write several."""
    return "".join(leaf(name, value) for name, value in values.items())


def message(
    type_: str,
    contents: str,
    *,
    message_id: str | None = MESSAGE_ID,
    declaration: str = '<?xml version="1.0" encoding="UTF-8"?>',
    namespace: str = "https://www.his.bg",
) -> bytes:
    """Write a whole answer."""
    ours = "" if message_id is None else leaf("messageId", message_id)
    header = f"<nhis:header>{leaf('sender', '4')}{ours}{leaf('messageType', type_)}</nhis:header>"
    text = f'<nhis:message xmlns:nhis="{namespace}">{header}<nhis:contents>{contents}</nhis:contents></nhis:message>'
    return (declaration + text).encode()


def refusal(reason: str, *, type_: str = "E002", message_id: str | None = MESSAGE_ID) -> bytes:
    """Write an I099 with one error."""
    error = f"<nhis:error>{leaves(type=type_, reason=reason, faultyAttribute='lrn')}</nhis:error>"
    return message("I099", error, message_id=message_id)


def registered(**changes: str) -> bytes:
    """Write an I002."""
    return message("I002", leaves(**{"nrnImmunization": NRN, "lrn": LRN, "status": "1"} | changes))


def token(text: str, seconds: int = 7200) -> Answer:
    """Write an S001 with a token: without a header, as the document shows it."""
    contents = leaves(accessToken=text, tokenType="bearer", expiresIn=str(seconds))
    body = f'<m:message xmlns:m="https://www.his.bg" xmlns:nhis="https://www.his.bg"><m:contents>{contents}</m:contents></m:message>'
    return Answer(200, {}, body.encode())


def challenge(text: str = "challenge-1") -> Answer:
    """Write a 401 with a challenge, declared as XML 1.1 like the document's samples."""
    contents = f"<nhis:contents>{leaf('challenge', text)}</nhis:contents>"
    message = f'<nhis:message xmlns:nhis="https://www.his.bg">{contents}</nhis:message>'
    body = f'<?xml version="1.1" encoding="UTF-8"?>{message}'
    return Answer(401, {"content-type": "application/xml"}, body.encode())


@dataclass
class ScriptedClients:
    """The clients of NHIS, scripted."""

    services_client: ScriptedClient
    authorisation_client: ScriptedClient

    def services(self):
        return self.services_client

    def authorisation(self, signer):
        return self.authorisation_client

    async def aclose(self):
        await self.services_client.aclose()
        await self.authorisation_client.aclose()
