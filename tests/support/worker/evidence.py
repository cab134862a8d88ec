"""Checks of everything that a worker sent and published, by code that is not the worker's."""

from __future__ import annotations

import functools
from pathlib import Path

from cryptography import x509
from jsonschema import Draft202012Validator
from lxml import etree

from tests.support.published import published_schema
from tests.support.signing.xmlsec_verify import verified
from tests.support.worker.kafka import Published
from tests.support.worker.nhis import Nhis
from worker.admin.views import AttemptRow

ROOT = Path(__file__).resolve().parents[3]
XSD = ROOT / "schemas" / "nhis"


class Request:
    """A signed request out of the journal: verified by libxmlsec1 and valid by the XSD, or an AssertionError."""

    def __init__(self, attempt: AttemptRow, certificate: x509.Certificate) -> None:
        self.root = verified(attempt.request, certificate)
        self.type = self.header("messageType")
        schema = _xsd(self.type)
        assert schema.validate(self.root), schema.error_log
        assert self.header("messageId") == attempt.message_id

    def header(self, name: str) -> str:
        """A value of the header."""
        return self._value(f"header/{name}")

    def contents(self, path: str) -> str:
        """A value of the contents."""
        return self._value(f"contents/{path}")

    def _value(self, path: str) -> str:
        (found,) = self.root.findall("/".join(f"{{*}}{part}" for part in path.split("/")))
        value = found.get("value")
        assert value is not None
        return str(value)


def certificates(nhis: Nhis) -> dict[str, x509.Certificate]:
    """Return each signer's certificate by its name."""
    return {
        one["name"]: x509.load_pem_x509_certificate(Path(one["pkcs12_file"]).with_suffix(".pem").read_bytes())
        for one in nhis.signers
    }


def check_reply(reply: Published) -> None:
    """Hold a reply against the published JSON Schema of its type."""
    schema = reply.headers["ce_type"] if reply.kind == "accepted" else f"reply.{reply.kind}.v1"
    _validator(schema).validate(reply.json)


@functools.cache
def _xsd(message_type: str) -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(XSD / f"NHIS-{message_type}.xsd"))


@functools.cache
def _validator(name: str) -> Draft202012Validator:
    return Draft202012Validator(published_schema(name))
