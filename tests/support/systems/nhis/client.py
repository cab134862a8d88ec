"""A small NHIS client for tests of the sandbox: signs with signxml, shares nothing with the worker.

The people are invented: an EGN with month + 20 belongs to a birth in the 1800s, so to nobody alive.
"""

from __future__ import annotations

import ssl
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime

import aiohttp
from cryptography.hazmat.primitives.serialization import Encoding, pkcs12
from lxml import etree
from signxml import methods
from signxml.signer import XMLSigner

from sandbox.authority import Credential
from sandbox.pki import SignerFiles

NS = "https://www.his.bg"
DS = "http://www.w3.org/2000/09/xmldsig#"
C14N = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
PATHS = {
    "I001": "/v1/eimmunization/immunization/issue",
    "I003": "/v1/eimmunization/immunization/fetch",
    "I005": "/v1/eimmunization/immunization/addreaction",
    "I007": "/v1/eimmunization/immunization/stornoimmunization",
    "I011": "/v1/eimmunization/immunization/stornoimmunization",
    "I013": "/v1/eimmunization/immunization/certificate",
    "C001": "/v1/nomenclatures/all/get",
    "C003": "/v1/nomenclatures/all/vaccinelotnumber",
}
SUBJECT = {
    "identifierType": "1",
    "identifier": "8621011000",
    "birthDate": "1886-01-01",
    "gender": "1",
    "name": {"given": "Измислен", "family": "Пациентов"},
    "address": {"country": "BG", "county": "SOF", "ekatte": "68134", "city": "София"},
}


@dataclass
class Reply:
    """What came back."""

    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def root(self):
        return etree.fromstring(self.body)

    @property
    def type(self) -> str | None:
        return self.value("header/messageType")

    def values(self, path: str) -> list[str]:
        found = self.root.findall("/".join(f"{{{NS}}}{name}" for name in path.split("/")))
        return [item.get("value") for item in found]

    def value(self, path: str) -> str | None:
        return next(iter(self.values(path)), None)

    @property
    def rules(self) -> list[str]:
        return self.values("contents/error/description")


def open_key(files: SignerFiles) -> Credential:
    key, certificate, _ = pkcs12.load_key_and_certificates(
        files.pkcs12_file.read_bytes(), files.password_file.read_bytes()
    )
    return Credential(key, certificate)


def element(name: str, content):
    node = etree.Element(f"{{{NS}}}{name}", nsmap={"nhis": NS})
    if isinstance(content, str):
        node.set("value", content)
        return node
    for key, value in content.items():
        if key.startswith("@"):
            node.set(key[1:], value)
            continue
        for item in value if isinstance(value, list) else [value]:
            node.append(element(key, item))
    return node


def message(message_type: str, contents, sender_id: str, **header: str):
    head = {
        "sender": "1",
        "senderId": sender_id,
        "senderISName": "Test HIS 1.0",
        "recipient": "4",
        "recipientId": "NHIS",
        "messageId": str(uuid.uuid4()),
        "messageType": message_type,
        "createdOn": datetime.now(UTC).isoformat(timespec="milliseconds"),
        **header,
    }
    return element("message", {"header": head, "contents": contents})


def immunization(uin: str, *, performer=None, subject=None, **fields):
    given = {
        "lrn": str(uuid.uuid4()),
        "occurrence": "2026-11-20",
        "targetDisease": "Z24.6",
        "vaccineCode": "2998",
        "primarySource": "true",
        "seriesDoses": "3",
        "doseNumber": "1",
        **fields,
    }
    return {
        "immunization": {name: given[name] for name in _ORDER if name in given},
        "subject": {**SUBJECT, **(subject or {})},
        "performer": performer
        or {
            "pmi": uin,
            "qualification": {"@value": "1043", "@nhifCode": "00"},
            "practiceNumber": "2201000001",
            "role": "1",
        },
    }


_ORDER = (
    "lrn", "occurrence", "basedOn", "targetDisease", "vaccineCode", "primarySource", "series", "seriesDoses",
    "doseNumber", "lotNumber", "expirationDate", "isSpecialCase", "nrnPrevImmunization",
)  # fmt: skip


def sign(root, key: Credential, *, prefix: str | None = "ds", algorithm: str = "rsa-sha256") -> bytes:
    signer = XMLSigner(
        method=methods.enveloped,
        signature_algorithm=algorithm,
        digest_algorithm="sha256",
        c14n_algorithm=C14N,
    )
    signer.namespaces = {prefix: DS}
    signed = signer.sign(root, key=key.key, cert=[key.certificate.public_bytes(Encoding.PEM).decode()])
    return etree.tostring(signed, xml_declaration=True, encoding="UTF-8")


class Client:
    """One doctor at the sandbox; ``token`` is got by challenge when first needed."""

    def __init__(self, url: str, ca_file, uin: str, key: Credential, certificate_files=None) -> None:
        self.url, self.uin, self.key = url, uin, key
        self.token: str | None = None
        self._tls = ssl.create_default_context(cafile=str(ca_file))
        if certificate_files is not None:
            self._tls.load_cert_chain(*certificate_files)
        self.session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=10))

    async def close(self) -> None:
        await self.session.close()

    async def call(self, method: str, path: str, body: bytes | None = None, **headers: str) -> Reply:
        url = path if path.startswith("https://") else f"{self.url}{path}"
        async with self.session.request(method, url, data=body, headers=headers, ssl=self._tls) as response:
            return Reply(response.status, await response.read(), dict(response.headers))

    async def control(self, method: str, path: str, json=None):
        url = f"{self.url}/_sandbox/{path}"
        async with self.session.request(method, url, json=json, ssl=self._tls) as response:
            assert response.status == 200, await response.text()
            return await response.json()

    async def answer_challenge(self, challenge: str, key: Credential | None = None) -> Reply:
        root = element("message", {"contents": {"challenge": challenge}})
        return await self.call("POST", "/token", sign(root, key or self.key))

    async def authorize(self) -> str:
        asked = await self.call("GET", "/token")
        reply = await self.answer_challenge(asked.value("contents/challenge"))
        self.token = reply.value("contents/accessToken")
        return self.token

    async def post(self, message_type: str, body: bytes) -> Reply:
        return await self.call("POST", PATHS[message_type], body, Authorization=f"Bearer {self.token}")

    async def send(self, message_type: str, contents, *, key: Credential | None = None, **header) -> Reply:
        if self.token is None:
            await self.authorize()
        root = message(message_type, contents, header.pop("senderId", self.uin), **header)
        return await self.post(message_type, sign(root, key or self.key))

    async def register(self, **fields) -> Reply:
        return await self.send("I001", immunization(self.uin, **fields))
