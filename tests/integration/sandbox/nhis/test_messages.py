"""Every message of the sandbox over TLS; every answer is valid against the XSD of its type."""

from __future__ import annotations

import base64
import io
import re
import uuid

import pytest
from lxml import etree

from sandbox.nhis.ledger import pseudonym
from sandbox.nhis.schemas import BUNDLED
from tests.support.systems.nhis.client import NS, SUBJECT, message


def assert_valid(reply, message_type):
    schema = etree.XMLSchema(etree.parse(BUNDLED / f"NHIS-{message_type}.xsd"))
    schema.assertValid(reply.root)
    assert reply.type == message_type


async def test_register_gives_an_nrn_and_is_in_the_ledger(nhis, ivanova):
    reply = await ivanova.register(lrn="LRN-1", seriesDoses="3", doseNumber="1")

    assert reply.status == 200
    assert_valid(reply, "I002")
    nrn = reply.value("contents/nrnImmunization")
    assert re.fullmatch(r"[0-9A-Z]{12}", nrn)
    assert reply.value("contents/lrn") == "LRN-1"
    assert reply.value("contents/status") == "1"
    assert reply.value("contents/uvci") is None
    line = nhis.ledger.registrations[0].shown()
    assert line["nrn"] == nrn
    assert line["patient"] == pseudonym("1", SUBJECT["identifier"])
    assert (line["uin"], line["seq"], line["patient_seq"]) == (ivanova.uin, 1, 1)


async def test_answer_header_echoes_the_request(ivanova):
    message_id = str(uuid.uuid4())
    reply = await ivanova.send("I003", {"nrnImmunization": "26000000000A"}, messageId=message_id)

    names = ("sender", "senderId", "recipient", "recipientId", "messageId", "messageType")
    assert [reply.value(f"header/{name}") for name in names] == [
        "4", "NHIS", "1", ivanova.uin, message_id, "I004",
    ]  # fmt: skip


async def test_last_dose_of_a_series_gives_a_certificate_number(ivanova):
    reply = await ivanova.register(vaccineCode="-1003", seriesDoses="1", doseNumber="1")

    assert_valid(reply, "I002")
    assert reply.value("contents/uvci").endswith(reply.value("contents/nrnImmunization"))


async def registered(client, **fields):
    return (await client.register(**fields)).value("contents/nrnImmunization")


@pytest.mark.parametrize(
    ("criteria", "found"),
    [
        ({"lrn": "LRN-1"}, "1"),
        ({"lrn": "LRN-2"}, "0"),
        ({"nrnImmunization": "26000000000A"}, "0"),
        ({"identifierType": "1", "identifier": "8621011000", "fromDate": "2026-11-20"}, "1"),
        (
            {
                "identifierType": "1",
                "identifier": "8621011000",
                "fromDate": "2026-11-01",
                "toDate": "2026-11-20",
            },
            "1",
        ),
        ({"identifierType": "1", "identifier": "8621011000", "fromDate": "2026-11-21"}, "0"),
        ({"identifierType": "2", "identifier": "8621011000", "fromDate": "2026-11-20"}, "0"),
        ({"nrnImmunization": "NRN", "fromDate": "2026-11-20", "toDate": "2026-11-20"}, "1"),
        ({"nrnImmunization": "NRN", "fromDate": "2026-11-21"}, "0"),
        ({"nrnImmunization": "NRN", "identifierType": "1", "identifier": "8621011000"}, "1"),
        ({"nrnImmunization": "NRN", "identifierType": "2", "identifier": "8621011000"}, "0"),
    ],
)
async def test_search(ivanova, criteria, found):
    nrn = await registered(ivanova, lrn="LRN-1", occurrence="2026-11-20")
    named = {"nrnImmunization": nrn} if criteria.get("nrnImmunization") == "NRN" else {}

    reply = await ivanova.send("I003", criteria | named)

    assert reply.status == 200
    assert_valid(reply, "I004")
    assert reply.value("contents/foundNumber") == found
    assert len(reply.root.findall(f".//{{{NS}}}results")) == int(found)


async def test_search_by_nrn_returns_what_was_registered(ivanova, petrov):
    nrn = await registered(ivanova, lrn="LRN-1", lotNumber="AB-12")

    reply = await petrov.send("I003", {"nrnImmunization": nrn})

    assert_valid(reply, "I004")
    base = "contents/results/immunization"
    assert [reply.value(f"{base}/{name}") for name in ("nrnImmunization", "status", "lrn", "lotNumber")] == [
        nrn, "1", "LRN-1", "AB-12",
    ]  # fmt: skip
    assert reply.value("contents/results/subject/identifier") == SUBJECT["identifier"]
    assert reply.value("contents/results/performer/pmi") == ivanova.uin


async def test_a_lrn_belongs_to_its_uin(ivanova, petrov):
    await registered(ivanova, lrn="LRN-1")

    assert (await petrov.send("I003", {"lrn": "LRN-1"})).value("contents/foundNumber") == "0"


async def test_reaction(nhis, ivanova):
    nrn = await registered(ivanova)
    reaction = {"reactionStartDate": "2026-11-21", "description": "Зачервяване"}

    reply = await ivanova.send("I005", {"nrnImmunization": nrn, "reaction": reaction})

    assert reply.status == 200
    assert_valid(reply, "I006")
    assert [item.nrn for item in nhis.ledger.reactions] == [nrn]
    found = await ivanova.send("I003", {"nrnImmunization": nrn})
    assert_valid(found, "I004")
    number = reply.value("contents/nrnReaction")
    assert found.values("contents/results/reaction/nrnReaction") == [number]


async def test_a_search_without_criteria_is_refused(ivanova):
    reply = await ivanova.send("I003", {"fromDate": "2026-11-20"})

    assert (reply.status, reply.value("contents/error/faultyAttribute")) == (400, "contents")


async def test_what_is_accepted_may_carry_warnings(ivanova):
    reply = await ivanova.register(expirationDate="2026-11-19")

    assert_valid(reply, "I002")
    assert reply.values("warnings/code") == ["W001"]
    nrn = reply.value("contents/nrnImmunization")
    await ivanova.send("I011", {"nrnImmunization": nrn, "cancelReason": "Сгрешен пациент"})
    reaction = {"reactionStartDate": "2026-11-21", "description": "Зачервяване"}
    reply = await ivanova.send("I005", {"nrnImmunization": nrn, "reaction": reaction})
    assert_valid(reply, "I006")
    assert reply.values("warnings/nrnTarget") == [nrn]


async def test_every_certificate_of_a_patient_the_newest_first(ivanova):
    numbers = [
        (await ivanova.register(vaccineCode=code, seriesDoses="1")).value("contents/uvci")
        for code in ("-1003", "2998")
    ]

    reply = await ivanova.send("I013", {"identifierType": "1", "identifier": SUBJECT["identifier"]})

    assert_valid(reply, "I014")
    assert reply.values("contents/uvci") == numbers[::-1]
    assert len(reply.values("contents/certificate")) == 2


@pytest.mark.parametrize(("asked", "answered"), [("I011", "I012"), ("I007", "I008")])
async def test_cancel(nhis, ivanova, asked, answered):
    nrn = await registered(ivanova)

    reply = await ivanova.send(asked, {"nrnImmunization": nrn, "cancelReason": "Сгрешен пациент"})

    assert reply.status == 200
    assert_valid(reply, answered)
    assert reply.value("contents/status") == "2"
    assert nhis.ledger.registrations[0].status == "2"
    assert [item.nrn for item in nhis.ledger.cancellations] == [nrn]


@pytest.mark.parametrize("way", ["nrn", "uvci", "patient"])
async def test_certificate_is_a_pdf(ivanova, way):
    reply = await ivanova.register(vaccineCode="-1003", seriesDoses="1")
    nrn, uvci = reply.value("contents/nrnImmunization"), reply.value("contents/uvci")
    criteria = {
        "nrn": {"nrnImmunization": nrn},
        "uvci": {"uvci": uvci},
        "patient": {"identifierType": "1", "identifier": SUBJECT["identifier"]},
    }

    reply = await ivanova.send("I013", criteria[way])

    assert reply.status == 200
    assert_valid(reply, "I014")
    assert reply.value("contents/uvci") == uvci
    content = base64.b64decode(reply.value("contents/certificate"), validate=True)
    assert_is_pdf(content, uvci)


def assert_is_pdf(content: bytes, text: str) -> None:
    assert content.startswith(b"%PDF-1.4\n")
    assert content.endswith(b"%%EOF\n")
    assert text.encode() in content
    start = int(re.search(rb"startxref\n(\d+)\n", content)[1])
    assert content[start:].startswith(b"xref\n")
    for number, match in enumerate(re.finditer(rb"(\d{10}) 00000 n ", content), start=1):
        stream = io.BytesIO(content)
        stream.seek(int(match[1]))
        assert stream.readline() == b"%d 0 obj\n" % number


async def test_no_certificate_is_an_error(ivanova):
    nrn = await registered(ivanova)

    reply = await ivanova.send("I013", {"nrnImmunization": nrn})

    assert reply.status == 400
    assert_valid(reply, "I099")


async def test_nomenclatures_need_neither_token_nor_signature(ivanova):
    root = message(
        "C001", {"nomenclatureId": ["CL037", "CL039"], "updateDate": "2026-01-01"}, "0000000001", sender="4"
    )

    reply = await ivanova.call("POST", "/v1/nomenclatures/all/get", etree.tostring(root))

    assert reply.status == 200
    assert_valid(reply, "C002")
    assert reply.values("contents/nomenclature/nomenclatureId") == ["CL037", "CL039"]
    keys = reply.values("contents/nomenclature/entry/key")
    assert {"-1000", "-1006", "17", "2998", "1", "2"} <= set(keys)
    meta = dict(
        zip(
            reply.values("contents/nomenclature/entry/meta/name"),
            reply.values("contents/nomenclature/entry/meta/value"),
            strict=True,
        )
    )
    assert meta["vaccine_group"]


async def test_all_bundled_nomenclatures_are_valid(nhis, ivanova):
    wanted = [
        "CL001", "CL004", "CL005", "CL006", "CL011", "CL018", "CL023", "CL037", "CL038", "CL039", "CL040", "CL041",
        "CL042", "CL043", "CL045", "CL046", "CL082", "CL090", "CL091", "CL092", "CL093",
    ]  # fmt: skip
    root = message("C001", {"nomenclatureId": wanted}, "0000000001")

    reply = await ivanova.call("POST", "/v1/nomenclatures/all/get", etree.tostring(root))

    assert_valid(reply, "C002")
    assert "1043" in reply.values("contents/nomenclature/entry/key")


async def test_unknown_nomenclature(ivanova):
    root = message("C001", {"nomenclatureId": ["CL037", "CL999"]}, "0000000001")

    reply = await ivanova.call("POST", "/v1/nomenclatures/all/get", etree.tostring(root))

    assert reply.status == 400
    assert_valid(reply, "I099")
    assert reply.value("contents/error/faultyAttribute") == "nomenclatureId"


@pytest.mark.parametrize(
    ("codes", "expected"), [(["2998"], {"2998"}), (["2998", "17"], {"2998", "17"}), (["nonesuch"], set())]
)
async def test_vaccine_lots(ivanova, codes, expected):
    root = message("C003", {"vaccineCode": codes}, "0000000001")

    reply = await ivanova.call("POST", "/v1/nomenclatures/all/vaccinelotnumber", etree.tostring(root))

    assert_valid(reply, "C004")
    assert set(reply.values("contents/vaccineLot/vaccineCode")) == expected
    assert len(set(reply.values("contents/vaccineLot/lotNumber"))) == 3 * len(expected)


async def test_vaccine_lots_of_all(nhis, ivanova):
    root = message("C003", {}, "0000000001")

    reply = await ivanova.call("POST", "/v1/nomenclatures/all/vaccinelotnumber", etree.tostring(root))

    assert_valid(reply, "C004")
    known = {entry["key"] for entry in nhis.state.nomenclatures.entries("CL037")}
    assert set(reply.values("contents/vaccineLot/vaccineCode")) == known
