"""The ESB and what is behind it without a server, on a clock of the test's own; requests are written by hand."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

from cryptography.hazmat.primitives.serialization import Encoding

from sandbox.authority import Authority
from sandbox.edelivery.stand_in import EDelivery
from sandbox.epayment.clients import CLIENT_IDS, invented_clients
from sandbox.epayment.stand_in import EPayments
from sandbox.esb.clients import FIRST
from sandbox.esb.connector import Connector
from sandbox.esb.directory import Directory
from sandbox.esb.gateway import Gateway
from sandbox.esb.orn import Generator
from sandbox.esb.state import State
from sandbox.esb.token_service import TokenService
from sandbox.stand_in import Request

NOW = datetime(2026, 12, 1, 8, 30, 15, 250000, tzinfo=UTC)
HOSPITAL, CLINIC, STRANGER = "his.hospital.invalid", "his.clinic.invalid", "his.stranger.invalid"
HOSPITAL_OID, BRANCH_OID = "2.16.100.1.1.9001.1.1", "2.16.100.1.1.9001.1.2"
LETTER_TEXT = "179ea4dc-7879-43ad-8073-72b263915656"
LETTER_FILES = "e2135802-5e34-4c60-b36e-c86d910a571a"
CITIZEN, PASSIVE = "5523056031", "6131127022"
JSON = {"content-type": "application/json"}


def certificates() -> dict[str, bytes]:
    """Return a certificate in DER for each client; they are of one authority."""
    authority = Authority.create("test CA of the ESB's clients")
    return {
        one.client_id: authority.issue_seal(one.subject()).certificate.public_bytes(Encoding.DER)
        for one in FIRST
    }


def multipart(content, *, name="писмо.pdf", boundary="b0undary", parts=1, disposition=None):
    """Return an upload's body and content type."""
    said = disposition or f'form-data; name=""; filename="{name}"'
    part = (
        f"--{boundary}\r\nContent-Disposition: {said}\r\nContent-Type: application/pdf\r\n\r\n".encode()
        + content
        + b"\r\n"
    )
    return part * parts + f"--{boundary}--\r\n".encode(), f"multipart/form-data; boundary={boundary}"


class World:
    """One ESB with its clients' certificates; ``now`` is its time."""

    def __init__(self, directory, shown) -> None:
        self.now = NOW
        self.shown = shown
        self._directory = directory
        self.state = State(lambda: self.now)
        self.tokens = TokenService(self.state)
        self.edelivery = EDelivery(directory, lambda: self.now)
        self.edelivery.files.url = "https://gateway.invalid"
        clients = invented_clients({name: f"тайна на {name}" for name in CLIENT_IDS})
        self.payments = EPayments(clients, now=lambda: self.now, seed=7)
        self.gateway = Gateway(
            self.state,
            (
                self.edelivery,
                Connector(self.payments, clients),
                Generator(self.state, lambda: self.now),
                Directory(lambda: self.now),
            ),
            self.edelivery.files,
            max_bytes=1024 * 1024,
        )

    def wait(self, **time) -> None:
        self.now += timedelta(**time)

    def token_request(self, client=HOSPITAL, *, where="query", headers=None, shown=None, **changes):
        given = {"grant_type": "client_credentials", "client_id": client, "scope": "/ed2*"} | changes
        text = urlencode({name: value for name, value in given.items() if value is not None})
        form = {"content-type": "application/x-www-form-urlencoded"} if where == "form" else {}
        lowered = {name.lower(): value for name, value in (headers or {}).items()}
        return Request(
            "POST",
            "/token",
            text if where == "query" else "",
            {**form, **lowered},
            text.encode() if where == "form" else b"",
            self.shown.get(shown or client),
        )

    def asked_for_token(self, *args, **how):
        """Return status and body of a request for a token."""
        answer = self.tokens.answer(self.token_request(*args, **how))
        return answer.status, json.loads(answer.body)

    def token(self, *args, **how) -> str:
        status, content = self.asked_for_token(*args, **how)
        assert status == 200, content
        return content["access_token"]

    def send(
        self, method, path, body=None, *, token=None, query="", headers=None, shown=HOSPITAL, **of_token
    ):
        """Send a request through the gateway, with a token for its prefix unless one is given; return the answer."""
        if token is None:
            token = self.token(scope=f"/{path.split('/')[1]}*", **of_token)
        content = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        said = {"authorization": f"Bearer {token}", **JSON, **(headers or {})}
        text = query if isinstance(query, str) else urlencode(query)
        return self.gateway.answer(Request(method, path, text, said, content, self.shown.get(shown)))

    def call(self, method, path, body=None, **how):
        """Send a request; return status and JSON, None for an empty body."""
        answer = self.send(method, path, body, **how)
        return answer.status, json.loads(answer.body) if answer.body else None

    def get(self, path, **query):
        """Return the JSON of a GET that must succeed."""
        status, content = self.call("GET", f"/ed2/api/{path}", query=query)
        assert status == 200, content
        return content

    def upload(self, content=b"%PDF-1.4 invented", *, kind="Temp", on_behalf=False, body=None, **how):
        """Upload a file; return status and JSON."""
        sent, media = body or multipart(content)
        file = self._directory / "upload.body"
        file.write_bytes(sent)
        of_token = how.pop("of_token", {})
        said = {"authorization": f"Bearer {self.token(**of_token)}", "content-type": media}
        path = "/ed2/upload/obo/blobs" if on_behalf else "/ed2/upload/blobs"
        query = urlencode({"type": kind})
        answer = self.gateway.answer(Request("POST", path, query, said, b"", self.shown[HOSPITAL], file))
        return answer.status, json.loads(answer.body)

    def blob(self, content=b"%PDF-1.4 invented", **how) -> int:
        status, answer = self.upload(content, **how)
        assert status == 200, answer
        return answer["blobId"]

    def letter(self, *, to=(201,), files=None, **changes):
        """Send a letter; return status and JSON."""
        fields = {LETTER_TEXT: "Измислено писмо"}
        if files is not None:
            fields[LETTER_FILES] = files
        content = {
            "recipientProfileIds": list(to),
            "subject": "Измислена тема",
            "rnu": "rnu-1",
            "templateId": 1,
            "fields": fields,
        }
        return self.call("POST", "/ed2/api/messages", content | changes)

    def sent(self, **how) -> int:
        status, number = self.letter(**how)
        assert status == 200, number
        return number

    def control(self, name, body):
        return self.gateway.control(name, body)

    def ledger(self, name):
        return self.gateway.ledger()[name]
