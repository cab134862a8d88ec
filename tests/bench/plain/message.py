"""From an event to the signed message: built with lxml, validated by xmlschema, signed by signxml."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import xmlschema
from cryptography.hazmat.primitives.serialization import Encoding, pkcs12
from lxml import etree
from lxml.etree import _Element as Element
from signxml.algorithms import (
    CanonicalizationMethod,
    DigestAlgorithm,
    SignatureConstructionMethod,
    SignatureMethod,
)
from signxml.signer import XMLSigner

from tests.bench.plain.events import Event, Immunization, Patient, Performer

NHIS = "https://www.his.bg"
NAMESPACES = {"nhis": NHIS}
SOFIA = ZoneInfo("Europe/Sofia")
IDENTIFIER_TYPES = {"egn": "1", "lnch": "2"}
GENDERS = {"male": "1", "female": "2", "other": "3", "unknown": "4"}
ROLES = {"titular": "1", "deputy": "2", "hired": "3"}


class InvalidMessage(Exception):
    """The message does not fit the schema."""


@dataclass(frozen=True, slots=True)
class Key:
    """A signer's key and certificate."""

    private: Any
    certificate: str
    uin: str

    @classmethod
    def load(cls, file: Path, password: str, uin: str) -> Key:
        """Read a PKCS#12 file."""
        private, certificate, _ = pkcs12.load_key_and_certificates(file.read_bytes(), password.encode())
        assert certificate is not None
        return cls(private, certificate.public_bytes(Encoding.PEM).decode(), uin)


class Messages:
    """Builds, validates and signs I001."""

    def __init__(self, schema: Path) -> None:
        self._schema = xmlschema.XMLSchema(str(schema))
        self._signer = XMLSigner(
            method=SignatureConstructionMethod.enveloped,
            signature_algorithm=SignatureMethod.RSA_SHA256,
            digest_algorithm=DigestAlgorithm.SHA256,
            c14n_algorithm=CanonicalizationMethod.CANONICAL_XML_1_0,
        )

    def build(self, event: Event, message_id: str, key: Key) -> bytes:
        """Return the message to send. Raises InvalidMessage."""
        root = i001(event, message_id, key.uin)
        problems = [str(error.reason) for error in self._schema.iter_errors(root)]
        if problems:
            raise InvalidMessage("; ".join(problems))
        return self.sign(root, key)

    def sign(self, root: Element, key: Key) -> bytes:
        """Return a document with an enveloped signature."""
        signed = self._signer.sign(root, key=key.private, cert=key.certificate)
        return etree.tostring(signed, encoding="UTF-8", xml_declaration=True)


def lrn_of(event: Event) -> str:
    """Return the same number for the same event, so that a repetition makes no second registration."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"{event.source}#{event.id}"))


def i001(event: Event, message_id: str, uin: str) -> Element:
    """Return the unsigned message."""
    root = etree.Element(f"{{{NHIS}}}message", nsmap=NAMESPACES)
    header = child(root, "header")
    child(header, "sender", "1")
    child(header, "senderId", uin)
    child(header, "senderISName", "Plain")
    child(header, "recipient", "4")
    child(header, "recipientId", "NHIS")
    child(header, "messageId", message_id)
    child(header, "messageType", "I001")
    child(header, "createdOn", datetime.now(SOFIA).isoformat(timespec="milliseconds"))
    contents = child(root, "contents")
    add_immunization(contents, event.data.immunization, lrn_of(event))
    add_patient(contents, event.data.patient)
    add_performer(contents, event.data.performer)
    return root


def add_immunization(contents: Element, dose: Immunization, lrn: str) -> None:
    node = child(contents, "immunization")
    child(node, "lrn", lrn)
    child(node, "occurrence", dose.occurrence)
    for disease in dose.target_diseases:
        child(node, "targetDisease", disease)
    child(node, "vaccineCode", dose.vaccine_code)
    optional(node, "nhifVaccineCode", dose.nhif_vaccine_code)
    child(node, "primarySource", dose.primary_source)
    optional(node, "series", dose.series)
    optional(node, "seriesDoses", dose.series_doses)
    child(node, "doseNumber", dose.dose_number)
    if dose.dose_quantity is not None:
        child(node, "doseQuantityValue", dose.dose_quantity.value)
        optional(node, "doseQuantityCode", dose.dose_quantity.unit)
    optional(node, "lotNumber", dose.lot_number)
    optional(node, "expirationDate", dose.expiration_date)
    optional(node, "site", dose.body_site)
    optional(node, "route", dose.route)
    optional(node, "booster", dose.booster)
    optional(node, "isSpecialCase", dose.special_case)
    optional(node, "note", dose.note)


def add_patient(contents: Element, patient: Patient) -> None:
    node = child(contents, "subject")
    child(node, "identifierType", IDENTIFIER_TYPES[patient.identifier_type])
    child(node, "identifier", patient.identifier)
    child(node, "birthDate", patient.birth_date)
    child(node, "gender", GENDERS[patient.gender])
    name = child(node, "name")
    child(name, "given", patient.name.given)
    optional(name, "middle", patient.name.middle)
    child(name, "family", patient.name.family)
    address = child(node, "address")
    child(address, "country", patient.address.country)
    optional(address, "county", patient.address.county)
    optional(address, "ekatte", patient.address.ekatte)
    child(address, "city", patient.address.city)
    optional(address, "line", patient.address.line)


def add_performer(contents: Element, performer: Performer) -> None:
    node = child(contents, "performer")
    child(node, "pmi", performer.uin)
    qualification = child(node, "qualification", performer.qualification.code)
    if performer.qualification.nhif_code:
        qualification.set("nhifCode", performer.qualification.nhif_code)
    child(node, "practiceNumber", performer.practice_number)
    child(node, "role", ROLES[performer.role])


def child(parent: Element, name: str, value: object = None) -> Element:
    """Append an element, with a value where there is one."""
    node = etree.SubElement(parent, f"{{{NHIS}}}{name}")
    if value is not None:
        node.set("value", written(value))
    return node


def optional(parent: Element, name: str, value: object) -> None:
    """Append an element where there is a value."""
    if value is not None:
        child(parent, name, value)


def written(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return value.isoformat() if isinstance(value, date) else str(value)
