"""Which token, key and certificate the settings mean. Pure.

The sentences name no label and no subject: both may hold the name or the number of a person.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.x509.oid import NameOID

from contracts.immutable import immutable
from worker.signing.certificates import chain, unreadable_part, validity_problem
from worker.signing.port import SigningFailed

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from worker.signing.pkcs11.module import CertificateFacts, KeyFacts, TokenFacts
    from worker.signing.pkcs11.settings import KeySettings, TokenSettings


@immutable
class HeldCertificate:
    """A certificate on the token that can be used, and the id that it shares with its key."""

    id: bytes
    certificate: x509.Certificate


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class Inventory:
    """The keys and certificates of an open token; another opening makes another one, and none equals another."""

    keys: tuple[KeyFacts, ...]
    certificates: tuple[HeldCertificate, ...]


@immutable
class ChosenKey:
    """A key, and its certificate where the token holds it, with the issuers that are there too."""

    key: KeyFacts
    certificate: x509.Certificate | None
    issuers: tuple[x509.Certificate, ...]


def readable(found: Iterable[CertificateFacts]) -> tuple[HeldCertificate, ...]:
    """Return the certificates that can be read, each once: one that cannot must not hide the others."""
    held: dict[bytes, HeldCertificate] = {}
    for one in found:
        with suppress(Exception):
            certificate = x509.load_der_x509_certificate(one.der)
            if unreadable_part(certificate) is None:
                held.setdefault(one.id + one.der, HeldCertificate(one.id, certificate))
    return tuple(held.values())


def choose_token(tokens: Sequence[TokenFacts], wanted: TokenSettings) -> TokenFacts:
    """Return the token. Raises SigningFailed, transient where it may only be unplugged."""
    fit = [
        one
        for one in tokens
        if wanted.label in (None, one.label)
        and wanted.serial in (None, one.serial)
        and wanted.slot in (None, one.slot)
    ]
    if len(fit) == 1:
        return fit[0]
    if fit:
        told = f"{len(fit)} tokens fit `token`; name one by its serial number"
        raise SigningFailed(told, transient=False)
    told = f"there is no such token; the module shows {len(tokens)}. Check `token`, and that it is plugged in"
    raise SigningFailed(told, transient=True)


def choose_key(inventory: Inventory, wanted: KeySettings, now: datetime) -> ChosenKey:
    """Return the key, and the certificate that is valid now and ends last. Raises SigningFailed."""
    if wanted.subject_serial is not None:
        return _by_subject(inventory, wanted.subject_serial, now)
    fit = [
        key
        for key in inventory.keys
        if wanted.label in (None, key.label) and (wanted.id is None or key.id == bytes.fromhex(wanted.id))
    ]
    if not fit:
        raise _no_key(inventory)
    # The same pair imported twice has one id; which of the two signs makes no difference. An empty id says nothing.
    if len(fit) > 1 and (len({key.id for key in fit}) > 1 or not fit[0].id):
        told = f"{len(fit)} keys of the token fit `key`; name one by its id"
        if not all(key.id for key in fit):
            told += ", and give those an id that have none (with the maker's tool)"
        raise SigningFailed(told, transient=False)
    own = [one.certificate for one in inventory.certificates if one.id and one.id == fit[0].id]
    return _with(fit[0], own, inventory, now)


def _by_subject(inventory: Inventory, serial: str, now: datetime) -> ChosenKey:
    keys = {key.id: key for key in reversed(inventory.keys)}
    found = [
        one
        for one in inventory.certificates
        if one.id and one.id in keys and serial in _serials(one.certificate)
    ]
    if not found:
        told = "the token holds no certificate with the configured key.subject_serial and a key that belongs to it"
        raise SigningFailed(told, transient=False)
    best = _best([one.certificate for one in found], now)
    key = next(keys[one.id] for one in found if one.certificate == best)
    return _with(key, [best], inventory, now)


def _with(key: KeyFacts, own: Sequence[x509.Certificate], inventory: Inventory, now: datetime) -> ChosenKey:
    if not own:
        return ChosenKey(key, None, ())
    leaf = _best(own, now)
    _, *issuers = chain(leaf, (one.certificate for one in inventory.certificates))
    return ChosenKey(key, leaf, tuple(issuers))


def _best(certificates: Sequence[x509.Certificate], now: datetime) -> x509.Certificate:
    valid = [one for one in certificates if validity_problem(one, now) is None]
    return max(valid or certificates, key=lambda one: one.not_valid_after_utc)


def _serials(certificate: x509.Certificate) -> list[str | bytes]:
    """Return the serial numbers in the subject; none of one whose names cannot be read."""
    with suppress(Exception):
        return [one.value for one in certificate.subject.get_attributes_for_oid(NameOID.SERIAL_NUMBER)]
    return []


def _no_key(inventory: Inventory) -> SigningFailed:
    count = len(inventory.keys)
    told = (
        "the token holds no key that signs" if not count else f"none of the token's {count} keys fits `key`"
    )
    return SigningFailed(f"{told}; keys appear only with the right PIN", transient=False)
