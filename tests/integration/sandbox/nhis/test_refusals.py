"""Bad messages and broken rules: one I099 with every error, and nothing registered."""

from __future__ import annotations

import io
import uuid

import pytest
from lxml import etree

from sandbox.nhis.schemas import BUNDLED
from tests.support.systems.nhis.client import PATHS, immunization, message, sign

DAY = 86400


def assert_refused(reply, *rules):
    assert reply.status == 400
    etree.XMLSchema(etree.parse(BUNDLED / "NHIS-I099.xsd")).assertValid(reply.root)
    assert reply.rules == list(rules)


async def registered(client, **fields):
    reply = await client.register(**fields)
    assert reply.status == 200, reply.body.decode()
    return reply.value("contents/nrnImmunization")


async def cancelled(client, nrn):
    return await client.send("I011", {"nrnImmunization": nrn, "cancelReason": "Сгрешен пациент"})


DOCUMENTS = {
    "dtd": b'<!DOCTYPE x><nhis:message xmlns:nhis="https://www.his.bg"/>',
    "entity bomb": b'<!DOCTYPE x [<!ENTITY a "aa"><!ENTITY b "&a;&a;">]><x>&b;</x>',
    "not xml": b"{}",
    "empty": b"",
    "cut": b"<nhis:message",
    "utf-16": "<?xml version='1.0'?><a/>".encode("utf-16"),
    "cp1251": '<?xml version="1.0" encoding="windows-1251"?><a b="я"/>'.encode("cp1251"),
    "declared otherwise": b'<?xml version="1.0" encoding="UTF-7"?><a/>',
    "another root": b"<message/>",
}


@pytest.mark.parametrize("document", DOCUMENTS.values(), ids=DOCUMENTS)
@pytest.mark.parametrize("path", [PATHS["I001"], PATHS["C001"]])
async def test_unreadable_documents(ivanova, document, path):
    token = await ivanova.authorize()

    reply = await ivanova.call("POST", path, document, Authorization=f"Bearer {token}")

    assert_refused(reply)
    assert reply.type == "I099"


async def test_too_large_a_document_is_turned_away_by_the_gateway(ivanova):
    token = await ivanova.authorize()

    reply = await ivanova.call(
        "POST", PATHS["I001"], io.BytesIO(b" " * 1_100_000), Authorization=f"Bearer {token}"
    )

    assert reply.status == 413
    assert b"<html>" in reply.body


@pytest.mark.parametrize(
    ("method", "path", "status"), [("POST", "/v1/nonesuch", 404), ("GET", PATHS["I001"], 405)]
)
async def test_wrong_paths_are_pages_of_html(ivanova, method, path, status):
    reply = await ivanova.call(method, path)

    assert reply.status == status
    assert reply.headers["Content-Type"].startswith("text/html")


async def test_schema_violations_name_their_elements(nhis, ivanova):
    contents = immunization(ivanova.uin, doseNumber="none", occurrence="yesterday")

    reply = await ivanova.send("I001", contents)

    assert reply.status == 400
    assert set(reply.values("contents/error/type")) == {"E002"}
    assert {
        "contents/immunization/doseNumber",
        "contents/immunization/occurrence",
    } <= set(reply.values("contents/error/faultyAttribute"))
    assert nhis.ledger.registrations == []


async def test_missing_element_is_a_schema_violation(ivanova):
    contents = immunization(ivanova.uin)
    del contents["immunization"]["primarySource"]

    reply = await ivanova.send("I001", contents)

    assert reply.status == 400
    assert "primarySource" in reply.value("contents/error/reason")


async def test_message_of_another_service(ivanova):
    await ivanova.authorize()
    root = message("I003", {"nrnImmunization": "26000000000A"}, ivanova.uin)

    reply = await ivanova.post("I001", sign(root, ivanova.key))

    assert_refused(reply)
    assert reply.value("contents/error/faultyAttribute") == "header/messageType"


async def test_message_id_is_good_once(nhis, ivanova):
    message_id = str(uuid.uuid4())
    contents = {"nrnImmunization": "26000000000A"}
    assert (await ivanova.send("I003", contents, messageId=message_id)).status == 200

    reply = await ivanova.send("I003", contents, messageId=message_id)

    assert reply.status == 400
    assert reply.value("contents/error/faultyAttribute") == "header/messageId"


async def test_all_errors_are_reported_and_nothing_is_registered(nhis, ivanova, petrov):
    await registered(ivanova)
    subject = {"birthDate": "1886-01-02", "gender": "2"}

    reply = await ivanova.send("I001", immunization(petrov.uin, subject=subject))

    assert_refused(reply, "RL003", "RL003", "RL008", "RL061")
    assert len(nhis.ledger.registrations) == 1


@pytest.mark.parametrize(
    "subject",
    [
        {"identifier": "8621011001"},
        {"identifier": "8641011001"},
        {"identifier": "abc"},
        {"identifierType": "2", "identifier": "1000000002"},
    ],
)
async def test_rl001_identifier(ivanova, subject):
    assert_refused(await ivanova.register(subject=subject), "RL001")


async def test_rl003_birth_date_and_gender_are_the_egns(ivanova):
    assert_refused(await ivanova.register(subject={"birthDate": "1986-01-01"}), "RL003")
    assert_refused(await ivanova.register(subject={"gender": "2"}), "RL003")
    assert (await ivanova.register(subject={"gender": "4"})).status == 200


async def test_rl018_cancel_within_a_day(nhis, ivanova):
    first, second = await registered(ivanova), await registered(ivanova, vaccineCode="17")

    await ivanova.control("POST", "clock", {"offset_seconds": DAY - 60})
    ivanova.token = None
    assert (await cancelled(ivanova, first)).status == 200
    await ivanova.control("POST", "clock", {"offset_seconds": DAY + 60})
    ivanova.token = None
    assert_refused(await cancelled(ivanova, second), "RL018")


async def test_rl047_another_doctor_may_not_act(nhis, ivanova, petrov):
    nrn = await registered(ivanova)
    reaction = {"reactionStartDate": "2026-11-21", "description": "Зачервяване"}

    assert_refused(await cancelled(petrov, nrn), "RL047")
    assert_refused(await petrov.send("I005", {"nrnImmunization": nrn, "reaction": reaction}), "RL047")
    assert nhis.ledger.registrations[0].status == "1"


async def test_rl047_titular_may_act_on_what_the_deputy_registered(ivanova, petrov):
    performer = {
        "pmi": ivanova.uin,
        "qualification": {"@value": "1043", "@nhifCode": "00"},
        "practiceNumber": "2201000001",
        "pmiDeputy": petrov.uin,
        "role": "2",
    }
    nrn = await registered(petrov, performer=performer)

    assert (await cancelled(ivanova, nrn)).status == 200


async def test_rl061_course_starts_once_for_a_vaccine_group(ivanova, petrov):
    await registered(ivanova, vaccineCode="2998")

    assert_refused(await petrov.register(vaccineCode="1730"), "RL061")  # also of group 4
    assert (await petrov.register(vaccineCode="17")).status == 200


async def test_rl061_special_case_after_a_finished_course(ivanova):
    nrn = await registered(ivanova, seriesDoses="2", doseNumber="1")
    special = {"isSpecialCase": "true", "seriesDoses": "2"}
    assert_refused(await ivanova.register(**special), "RL061")
    await registered(ivanova, seriesDoses="2", doseNumber="2", nrnPrevImmunization=nrn)
    assert_refused(await ivanova.register(), "RL061")
    assert (await ivanova.register(**special)).status == 200


async def test_rl061_does_not_count_what_was_cancelled(ivanova):
    await cancelled(ivanova, await registered(ivanova))

    assert (await ivanova.register()).status == 200


async def test_rl062_previous_dose_is_the_last_of_the_course(ivanova):
    first = await registered(ivanova, doseNumber="1")
    await registered(ivanova, doseNumber="2", nrnPrevImmunization=first)

    assert_refused(await ivanova.register(doseNumber="3", nrnPrevImmunization=first), "RL062")
    assert_refused(await ivanova.register(doseNumber="3", nrnPrevImmunization="26000000000A"), "RL062")


async def test_rl063_dose_number_grows(ivanova):
    first = await registered(ivanova, doseNumber="2")

    assert_refused(await ivanova.register(doseNumber="2", nrnPrevImmunization=first), "RL063")
    assert (await ivanova.register(doseNumber="3", nrnPrevImmunization=first)).status == 200


async def test_rl072_based_on_an_earlier_document(ivanova):
    await ivanova.control("POST", "documents", {"261110EXAM01": "2026-11-10"})

    refused = await ivanova.register(basedOn="261110EXAM01", occurrence="2026-11-09")
    assert_refused(refused, "RL072")
    assert (await ivanova.register(basedOn="261110EXAM01", occurrence="2026-11-10")).status == 200
    unknown = await ivanova.register(basedOn="000000000000", occurrence="2026-11-09", vaccineCode="17")
    assert unknown.status == 200


async def test_rl080_repeated_lrn_names_the_nrn_at_the_end(nhis, ivanova, petrov):
    nrn = await registered(ivanova, lrn="LRN-1")

    reply = await ivanova.register(lrn="LRN-1")

    assert_refused(reply, "RL080")
    reason = reply.value("contents/error/reason")
    assert "Вече има подаден" in reason
    assert reason[-12:] == nrn
    assert (await petrov.register(lrn="LRN-1", vaccineCode="17")).status == 200
    assert len(nhis.ledger.registrations) == 2


async def test_repeated_cancellation(nhis, ivanova):
    nrn = await registered(ivanova)
    await cancelled(ivanova, nrn)

    reply = await cancelled(ivanova, nrn)

    assert_refused(reply)
    assert "вече е анулиран" in reply.value("contents/error/reason")
    assert len(nhis.ledger.cancellations) == 1


async def test_unknown_nrn(ivanova):
    reply = await cancelled(ivanova, "26000000000A")

    assert_refused(reply)
    assert reply.value("contents/error/faultyAttribute") == "nrnImmunization"


async def test_unknown_vaccine(ivanova):
    assert_refused(await ivanova.register(vaccineCode="nonesuch"), "CL037")
