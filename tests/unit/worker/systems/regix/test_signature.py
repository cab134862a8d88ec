"""The verdict on signatures that libxmlsec1 made: best-effort, told in the reply, and deciding nothing."""

from __future__ import annotations

from datetime import timedelta

import pytest

from contracts.regix.results import SignatureVerdict
from tests.support.signing.certificates import NOW, issue, rsa_key
from tests.support.systems.regix.answers import CODE, XSI, answer, data, executed, result
from tests.support.systems.regix.signed import EXCLUSIVE, RSA_SHA1, SHA1, signed_answer, signed_result
from tests.support.systems.regix.system import attempt, event, system
from worker.outcome import Accepted
from worker.systems.regix import signature

AUTHORITY = issue("Invented authority", authority=True)
SIGNER = issue("regix.example", issuer=AUTHORITY, key=rsa_key("regix"))


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("certificates")
    (folder / "signer.pem").write_bytes(SIGNER.pem())
    (folder / "authority.pem").write_bytes(AUTHORITY.pem())
    return folder


async def verdict(given, **settings):
    """Return what the reply says of the signature; the report is accepted, whatever it is."""
    made = system(signatures=settings)
    submission = event()
    prepared = await made.prepare(submission, attempt())
    outcome = made.interpret(submission, prepared, answer(given))
    await made.close()
    assert isinstance(outcome, Accepted), outcome
    told = outcome.data["signature"]
    SignatureVerdict.model_validate(told, by_alias=True, by_name=False)
    return told


@pytest.mark.parametrize(
    "how",
    [
        {},
        # What the signer declared around what it signed is not known, and several ways are tried.
        {"surroundings": 'xmlns="http://egov.bg/RegiX/SignedData"', "content": data(matrix="")},
        {"surroundings": f'{XSI} xmlns="http://egov.bg/RegiX/SignedData"', "content": data(matrix="")},
        {"canonical": EXCLUSIVE},
        {"several": True},
        {"content": data().replace("<SurName />", "<SurName>\n x <!-- y --></SurName>")},
    ],
)
async def test_a_signature_that_holds(how):
    told = await verdict(signed_answer(signed_result(SIGNER, **how)))

    assert told["verdict"] == "untrusted"
    assert "the signature holds" in told["detail"]
    assert told["algorithm"].endswith("#rsa-sha256")
    assert told["certificateEnds"].startswith(f"{SIGNER.certificate.not_valid_after_utc:%Y-%m-%d}")


@pytest.mark.parametrize("file", ["signer.pem", "authority.pem"])
async def test_a_trusted_certificate_or_its_issuer(files, file):
    given = signed_answer(signed_result(SIGNER))
    assert (await verdict(given, trusted_certificates=[files / file]))["verdict"] == "trusted"


async def test_an_expired_certificate_is_not_trusted(files):
    old = issue("regix.example", issuer=AUTHORITY, key=rsa_key("regix"), end=NOW - timedelta(days=1))
    told = await verdict(signed_answer(signed_result(old)), trusted_certificates=[files / "authority.pem"])

    assert told["verdict"] == "untrusted"
    assert "expired" in told["detail"]


async def test_sha_1_is_checked_only_behind_its_switch(files):
    given = signed_answer(signed_result(SIGNER, method=RSA_SHA1, digest=SHA1))
    trusted = {"trusted_certificates": [files / "signer.pem"]}

    told = await verdict(given, **trusted)
    assert (told["verdict"], told["algorithm"]) == ("not-checked", RSA_SHA1)
    assert "SHA-1" in told["detail"]
    assert (await verdict(given, **trusted, accept_sha1=True))["verdict"] == "trusted"
    mixed = signed_answer(signed_result(SIGNER, digest=SHA1))
    assert (await verdict(mixed, **trusted))["verdict"] == "not-checked"


CHANGES = [
    ("another name", "Радка", "Рада"),
    ("another birth date", "1872-03-15", "1872-03-16"),
    ("another time of signing", "09:30:00Z", "09:30:01Z"),
    ("more access", "<HasAccess>false", "<HasAccess>true"),
    ("an attribute more", '<Data id="data"', '<Data id="data" more="1"'),
    ("another canonical form", "REC-xml-c14n-20010315", "REC-xml-c14n-20010315#WithComments"),
    ("another algorithm", "#rsa-sha256", "#rsa-sha512"),
    ("another digest", "xmlenc#sha256", "xmlenc#sha512"),
    ("an unknown digest", "xmlenc#sha256", "xmlenc#sha999"),
    ("another reference", 'URI="#data"', 'URI="#other"'),
    ("an external reference", 'URI="#data"', 'URI="http://192.0.2.1/x"'),
    (
        "no reference to the report",
        'URI="#data"',
        'Type="http://uri.etsi.org/01903#SignedProperties" URI="#SP1"',
    ),
    ("no properties", 'Id="SP1"', 'Id="SP2"'),
    ("a transform more", "<ds:Transforms>", '<ds:Transforms><ds:Transform Algorithm="urn:xslt"/>'),
    ("no certificate", "X509Certificate>", "X509Other>"),
    ("no value", "<ds:SignatureValue>", "<ds:SignatureValue>!"),
    ("no SignedInfo", "SignedInfo", "SignedOther"),
]


@pytest.mark.parametrize(("old", "new"), [row[1:] for row in CHANGES], ids=[row[0] for row in CHANGES])
async def test_what_was_changed_does_not_hold(files, old, new):
    given = signed_answer(signed_result(SIGNER))
    assert old in given
    told = await verdict(given.replace(old, new), trusted_certificates=[files / "signer.pem"])

    assert told["verdict"] in {"invalid", "not-checked"}
    assert told["detail"]


async def test_a_signature_of_another_report_does_not_hold(files):
    """The signed Data is wrapped away, and another one stands in its place."""
    given = signed_result(SIGNER)
    start, end = given.index("<Data "), given.index("</Data>") + len("</Data>")
    signed, other = given[start:end], given[start:end].replace("Радка", "Друга")
    wrapped = given.replace("<ds:Object>", f"<ds:Object>{signed}</ds:Object><ds:Object>", 1)
    told = await verdict(
        signed_answer(wrapped.replace(signed, other, 1)), trusted_certificates=[files / "signer.pem"]
    )
    assert told["verdict"] == "invalid"


async def test_of_two_signatures_the_worse_is_told(files):
    given = signed_result(SIGNER, several=True)
    start, end = given.index("<ds:Signature "), given.index("</ds:Signature>") + len("</ds:Signature>")
    broken = given[start:end].replace("<ds:SignatureValue>", "<ds:SignatureValue>AAAA")
    told = await verdict(
        signed_answer(given[:end] + broken + given[end:]), trusted_certificates=[files / "signer.pem"]
    )
    assert told["verdict"] == "invalid"


async def test_of_a_very_large_answer_nothing_is_checked(monkeypatch):
    monkeypatch.setattr(signature, "LARGEST_CHECKED", 100)
    told = await verdict(signed_answer(signed_result(SIGNER)))

    assert told["verdict"] == "not-checked"
    assert "too large" in told["detail"]


async def test_the_raw_bytes_are_kept(files):
    given = signed_answer(signed_result(SIGNER))
    assert answer(given).kept().body == given.encode()
    assert (await verdict(executed(result()).body))["verdict"] == "absent"
    assert CODE not in str(await verdict(executed(result(code=CODE)).body))
