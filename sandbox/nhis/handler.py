"""From a request's bytes to its answer: every check that comes before an operation, all or nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cryptography import x509

from sandbox.nhis import auth, signatures
from sandbox.nhis.answers import refuse, unknown_request
from sandbox.nhis.errors import NOT_AUTHORIZED, Refused, StatedError, Unauthorized, invalid
from sandbox.nhis.ledger import pseudonym
from sandbox.nhis.message import Message, parse
from sandbox.nhis.operations import SERVICES, Service
from sandbox.pages import page

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.nhis.state import State
    from sandbox.stand_in import Answer

FORBIDDEN = 403
UNAUTHORIZED = 401


def readable(body: bytes) -> Message:
    """Return the message, or an empty one in its place where it cannot be read."""
    try:
        return parse(body)
    except Refused:
        return unknown_request()


def traits(message: Message) -> dict[str, str | None]:
    """Return what a request is known by, for fault rules and for the request log."""
    value = message.value
    patient = value("subject/identifier") or value("identifier")
    kind = value("subject/identifierType") or value("identifierType")
    return {
        "messageType": message.type,
        "messageId": message.id,
        "lrn": value("immunization/lrn") or value("lrn"),
        "nrn": value("nrnImmunization"),
        "signer": message.header("senderId"),
        "patient": patient,
        "pseudonym": pseudonym(kind or "", patient) if patient else None,
    }


def answer(state: State, path: str, headers: Mapping[str, str], body: bytes) -> Answer:
    """Answer a message sent to one of the service paths."""
    service = SERVICES[path]
    message = unknown_request()
    try:
        token_of = state.access.certificate_of(headers.get("authorization")) if service.protected else None
        message = parse(body)
        if token_of is not None:
            _check_signer(state, message, token_of)
        _check_message(state, message, service)
        return service.handlers[message.type](state, message)
    except Unauthorized:
        return page(UNAUTHORIZED, "Authorization Required")
    except Refused as refused:
        return refuse(refused.errors, message, state.clock.now(), status=refused.status)


def token_for_certificate(state: State, der: bytes | None) -> Answer:
    """GET /token: S001 for a client certificate, else the challenge."""
    if der is None:
        return auth.challenge_answer(state.access.new_challenge())
    return _token(state, x509.load_der_x509_certificate(der))


def token_for_challenge(state: State, body: bytes) -> Answer:
    """POST /token: S001 for a signed challenge.

    What NHIS answers to a bad one is not known: here a page of 403, or of 401 for a challenge not open.
    """
    try:
        message = parse(body)
        certificate = signatures.verify(message.root)
    except Refused:
        return page(FORBIDDEN, "Forbidden")
    if not state.access.take_challenge(message.value("challenge")):
        return page(UNAUTHORIZED, "Authorization Required")
    return _token(state, certificate)


def _token(state: State, certificate: x509.Certificate) -> Answer:
    try:
        signatures.check_certificate(certificate, state.authority, state.clock.now())
    except Refused:
        return page(FORBIDDEN, "Forbidden")
    if state.signers.of(certificate) is None:
        return page(FORBIDDEN, "Forbidden")
    return auth.token_answer(state.access.new_token(certificate))


def _check_signer(state: State, message: Message, token_of: str) -> None:
    certificate = signatures.verify(message.root)
    signatures.check_certificate(certificate, state.authority, state.clock.now())
    if signatures.fingerprint(certificate) != token_of:
        reason = "Токенът за достъп не отговаря на КЕП, с който е подписана заявката."
        raise Refused([StatedError(NOT_AUTHORIZED, reason)], FORBIDDEN)
    signer = state.signers.of(certificate)
    if signer is None or signer.uin != message.header("senderId"):
        reason = "Съобщението не е подписано от лицето, посочено в header.senderId."
        raise Refused([invalid("header/senderId", reason, "RL029")])


def _check_message(state: State, message: Message, service: Service) -> None:
    if message.type not in service.handlers:
        raise Refused([invalid("header/messageType", "Видът на съобщението не е за тази услуга.")])
    problems = state.schemas.problems(message.type, message.root)
    if problems:
        raise Refused(problems)
    if message.id in state.ledger.message_ids:
        raise Refused([invalid("header/messageId", "Съобщение с този messageId вече е получено.")])
    state.ledger.message_ids.add(message.id)
