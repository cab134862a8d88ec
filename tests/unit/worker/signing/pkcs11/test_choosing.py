"""Which token, key and certificate are meant, by tables. The people in the certificates are invented."""

from __future__ import annotations

from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from tests.support.signing.certificates import NOW, YEAR, issue, rsa_key
from worker.signing.pkcs11.choosing import Inventory, choose_key, choose_token, readable
from worker.signing.pkcs11.module import CertificateFacts, KeyFacts, TokenFacts
from worker.signing.pkcs11.settings import KeySettings, TokenSettings
from worker.signing.port import SigningFailed

INVENTED = "PNOBG-0000000001"


def token(label="hsm", serial="01", slot=0) -> TokenFacts:
    return TokenFacts(
        label=label,
        serial=serial,
        slot=slot,
        login_required=True,
        pin_pad=False,
        pin_count_low=False,
        pin_final_try=False,
        pin_locked=False,
    )


TOKENS = [token("hsm", "01", 0), token("hsm", "02", 1), token("card", "03", 2)]


@pytest.mark.parametrize(
    ("wanted", "serial"),
    [
        ({"label": "card"}, "03"),
        ({"serial": "02"}, "02"),
        ({"slot": 0}, "01"),
        ({"label": "hsm", "slot": 1}, "02"),
    ],
)
def test_a_token_is_found_by_all_that_is_given(wanted, serial):
    assert choose_token(TOKENS, TokenSettings.model_validate(wanted)).serial == serial


def test_the_only_token_needs_no_name():
    assert choose_token(TOKENS[2:], TokenSettings()).serial == "03"


@pytest.mark.parametrize(
    ("tokens", "wanted", "transient", "told"),
    [
        (TOKENS, {"label": "other"}, True, "no such token; the module shows 3"),
        ([], {}, True, "no such token; the module shows 0"),
        (TOKENS, {"label": "hsm"}, False, "2 tokens fit"),
        (TOKENS, {}, False, "3 tokens fit"),
    ],
)
def test_none_may_come_later_and_several_need_an_operator(tokens, wanted, transient, told):
    with pytest.raises(SigningFailed, match=told) as caught:
        choose_token(tokens, TokenSettings.model_validate(wanted))
    assert caught.value.transient is transient


ROOT = issue("Root", authority=True)
OLD = issue("Ivanova", issuer=ROOT, end=NOW - timedelta(days=1), subject_serial=INVENTED)
NEW = issue("Ivanova", issuer=ROOT, key=rsa_key("renewed"), subject_serial=INVENTED)
OTHER = issue("Petrov", issuer=ROOT, subject_serial="PNOBG-0000000002")


def inventory(*pairs, more=()) -> Inventory:
    """Return what a token with these pairs of id, label and issued certificate holds."""
    keys = tuple(KeyFacts(handle, id_, label, always=False) for handle, (id_, label, _) in enumerate(pairs))
    held = [CertificateFacts(id_, der(issued)) for id_, _, issued in pairs if issued]
    return Inventory(keys, readable([*held, *(CertificateFacts(b"", der(one)) for one in more)]))


def der(issued) -> bytes:
    return issued.certificate.public_bytes(Encoding.DER)


TWO = inventory((b"\x01", "old", OLD), (b"\x0a", "new", NEW), (b"\x03", "other", OTHER), more=[ROOT])


@pytest.mark.parametrize(
    ("wanted", "id_", "issued"),
    [
        ({"label": "old"}, b"\x01", OLD),
        ({"id": "0A"}, b"\x0a", NEW),
        ({"subject_serial": INVENTED}, b"\x0a", NEW),
        ({"subject_serial": "PNOBG-0000000002"}, b"\x03", OTHER),
    ],
)
def test_a_key_is_found_with_its_certificate_and_issuers(wanted, id_, issued):
    chosen = choose_key(TWO, KeySettings.model_validate(wanted), NOW)

    assert chosen.key.id == id_
    assert chosen.certificate == issued.certificate
    assert chosen.issuers == (ROOT.certificate,)


def test_where_no_certificate_is_valid_the_one_that_ends_last_is_named():
    older = issue("Ivanova", issuer=ROOT, start=NOW - 3 * YEAR, end=NOW - 2 * YEAR, subject_serial=INVENTED)
    both = inventory((b"\x01", "a", older), (b"\x02", "b", OLD))

    chosen = choose_key(both, KeySettings(subject_serial=INVENTED), NOW)

    assert chosen.certificate == OLD.certificate


def test_a_pair_that_was_imported_twice_is_one_key():
    twice = inventory((b"\x01", "a", OTHER), (b"\x01", "a", OTHER))

    assert choose_key(twice, KeySettings(label="a"), NOW).certificate == OTHER.certificate


def test_a_renewed_certificate_of_the_same_key_is_preferred():
    renewed = issue("Petrov", issuer=ROOT, key=OTHER.key, end=NOW + 2 * YEAR)
    both = inventory((b"\x01", "a", OTHER), (b"\x01", "a", renewed))

    assert choose_key(both, KeySettings(), NOW).certificate == renewed.certificate


def test_a_key_without_a_certificate_has_none():
    chosen = choose_key(inventory((b"\x01", "a", None), more=[ROOT]), KeySettings(), NOW)

    assert (chosen.certificate, chosen.issuers) == (None, ())


def test_an_empty_id_joins_nothing():
    assert choose_key(inventory((b"", "a", OTHER)), KeySettings(), NOW).certificate is None


@pytest.mark.parametrize(
    ("held", "wanted", "told"),
    [
        (inventory(), {}, "holds no key that signs; keys appear only with the right PIN"),
        (TWO, {"label": "someone"}, "none of the token's 3 keys fits"),
        (TWO, {"id": "ff"}, "none of the token's 3 keys fits"),
        (
            TWO,
            {"subject_serial": "PNOBG-0000000009"},
            "no certificate with the configured key.subject_serial",
        ),
        (TWO, {}, "3 keys of the token fit `key`; name one by its id$"),
        (
            inventory((b"", "a", None), (b"", "a", None)),
            {"label": "a"},
            "2 keys of the token fit `key`; name one by its id, and give those an id that have none",
        ),
        (
            inventory((b"", "a", OTHER)),
            {"subject_serial": "PNOBG-0000000002"},
            "no certificate with the configured key.subject_serial and a key that belongs to it",
        ),
    ],
)
def test_what_is_not_found_is_said_without_naming_a_person(held, wanted, told):
    with pytest.raises(SigningFailed, match=told) as caught:
        choose_key(held, KeySettings.model_validate(wanted), NOW)

    assert not caught.value.transient
    assert "PNOBG-" not in str(caught.value)
    assert "someone" not in str(caught.value)


def test_a_certificate_that_cannot_be_read_hides_no_other():
    found = readable([CertificateFacts(b"\x01", b"no certificate"), CertificateFacts(b"\x02", der(OTHER))])

    assert [one.id for one in found] == [b"\x02"]
