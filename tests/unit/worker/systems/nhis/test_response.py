"""What is read of an answer beside its kind: errors, warnings, certificates, numbers, flags."""

from __future__ import annotations

import base64
from dataclasses import replace

import pytest

from contracts.reasons import Reason
from contracts.registry import EVENT_TYPES
from tests.support.systems.nhis.answers import (
    LRN,
    NRN,
    leaf,
    leaves,
    message,
    refusal,
    registered,
)
from tests.support.systems.nhis.expected import (
    CERTIFICATE,
    NOW,
    PDF,
    REACTION,
    REGISTER,
    RULES,
    SEARCH,
    TELLING,
    said,
)
from worker.outcome import Accepted, AlreadyExists, Rejected, StatedError, Unknown
from worker.systems.nhis import response
from worker.systems.nhis.interpret import Rules, interpret
from worker.transport.port import Answer


def test_the_end_of_a_lrn_is_no_nrn():
    for end, reference in ((NRN, NRN), ("0E0F8F0A-4B0C-4A53-9D6E-2F4A53C1B7D1", None)):
        found = interpret(REGISTER, said(400, refusal(f"Вече има подадена имунизация {end}.")), RULES, NOW)
        assert isinstance(found, AlreadyExists)
        assert found.reference == reference


def test_retry_after_is_the_least_delay():
    assert interpret(REGISTER, said(429, retry_after="17"), RULES, NOW).delay == 17.0
    assert interpret(REGISTER, said(503, retry_after="9"), RULES, NOW).delay == 9.0
    assert interpret(REGISTER, said(429), RULES, NOW).delay is None


def test_every_error_is_kept_with_every_field():
    first = leaves(type="E002", reason="Невалидна доза", faultyAttribute="doseNumber")
    first += leaf("description", "RL063") + leaf("description", "още")
    second = leaves(type="E003", reason="Няма достъп")
    body = message("I099", f"<nhis:error>{first}</nhis:error><nhis:error>{second}</nhis:error>")
    assert interpret(REGISTER, said(400, body), RULES, NOW) == Rejected(
        (
            StatedError(
                type="E002",
                reason="Невалидна доза",
                description=("RL063", "още"),
                faulty_attribute="doseNumber",
            ),
            StatedError(type="E003", reason="Няма достъп"),
        )
    )


def test_errors_are_read_in_the_flattened_form_too():
    contents = (
        leaves(type="E002", reason="първа")
        + "</nhis:contents><nhis:contents>"
        + leaves(type="E002", reason="втора")
    )
    outcome = interpret(REGISTER, said(400, message("I099", contents)), RULES, NOW)
    assert [error.reason for error in outcome.errors] == ["първа", "втора"]


def test_an_operators_element_names_are_read():
    body = registered().replace(b"nrnImmunization", b"nrn")
    renamed = Rules(RULES.not_processed, RULES.general_errors, names={"contents/nrnImmunization": "nrn"})
    assert isinstance(interpret(REGISTER, said(200, body), RULES, NOW), Unknown)
    assert isinstance(interpret(REGISTER, said(200, body), renamed, NOW), Accepted)


def warned(*warnings: str) -> Answer:
    """Return an I002 with warnings behind its contents (SPEC X002)."""
    text = "".join(f"<nhis:warnings>{one}</nhis:warnings>" for one in warnings)
    return Answer(200, {}, registered().replace(b"</nhis:message>", text.encode() + b"</nhis:message>"))


def test_the_warnings_of_an_answer_are_reported():
    first = leaves(code="W003", description="Изтекъл срок", source="НЗОК", nrnTarget=NRN)
    outcome = interpret(TELLING, warned(first, "", leaves(description="Друго")), RULES, NOW)
    assert outcome == Accepted(
        {
            "nrn": NRN,
            "lrn": LRN,
            "status": "1",
            "warnings": [
                {"code": "W003", "description": "Изтекъл срок", "source": "НЗОК", "nrn": NRN},
                {"description": "Друго"},
            ],
        }
    )
    EVENT_TYPES["nhis.immunization.register.v1"].result.model_validate(dict(outcome.data))


@pytest.mark.parametrize(
    ("expected", "answer"), [(TELLING, warned("")), (REGISTER, warned(leaf("code", "W001")))]
)
def test_there_are_none_where_none_are_reported_or_asked_for(expected, answer):
    assert "warnings" not in interpret(expected, answer, RULES, NOW).data


def certificates(*pairs: str) -> Answer:
    return Answer(200, {}, message("I014", "".join(pairs)))


FIRST, SECOND = (base64.b64encode(PDF + one).decode() for one in (b"1", b"2"))
ONE, TWO = leaf("certificate", FIRST), leaf("certificate", SECOND)
A, B = leaf("uvci", "A/1"), leaf("uvci", "B/2")


@pytest.mark.parametrize(
    ("parts", "numbers"),
    [
        ((ONE, A, TWO, B), ["A/1", "B/2"]),
        ((ONE, TWO, A, B), ["A/1", "B/2"]),
        ((A, ONE, B, TWO), ["A/1", "B/2"]),
        (
            (f"<nhis:results>{ONE}{A}</nhis:results>", f"<nhis:results>{TWO}{B}</nhis:results>"),
            ["A/1", "B/2"],
        ),
        ((ONE, TWO), [None, None]),
        ((ONE, A, TWO), [None, None]),  # whose number it is cannot be told
    ],
)
def test_every_certificate_of_an_answer_is_read_with_its_number(parts, numbers):
    outcome = interpret(CERTIFICATE, certificates(*parts), RULES, NOW)
    read = [outcome.data, *outcome.data["others"]]
    assert [one["content"] for one in read] == [FIRST, SECOND]
    assert [one.get("certificateNumber") for one in read] == numbers
    EVENT_TYPES["nhis.certificate.fetch.v1"].result.model_validate(dict(outcome.data))


def test_one_broken_certificate_makes_the_answer_unreadable():
    outcome = interpret(CERTIFICATE, certificates(ONE, leaf("certificate", "abc")), RULES, NOW)
    assert (type(outcome), outcome.reason) == (Unknown, Reason.UNREADABLE_ANSWER)


def test_the_number_of_a_reaction_is_reported():
    body = message("I006", leaves(nrnImmunization=NRN, nrnReaction="260301R00001"))
    outcome = interpret(REACTION, Answer(200, {}, body), RULES, NOW)
    assert outcome == Accepted({"nrn": NRN, "reactionNumber": "260301R00001"})


def test_a_search_shows_flags_reactions_and_who_else_took_part():
    accompanying = f"<nhis:accompanying>{leaves(pmi='0000000002', qualification='1015')}</nhis:accompanying>"
    flags = leaves(
        nrnImmunization=NRN, cancelReason="Грешка", extPrevImmunization="1", generateCertificate="false"
    )
    reaction = f"<nhis:reaction>{leaves(nrnReaction='260301R00001', reported='true')}</nhis:reaction>"
    entry = f"<nhis:immunization>{flags}</nhis:immunization><nhis:performer>{accompanying}</nhis:performer>{reaction}"
    body = message("I004", f"{leaf('foundNumber', '1')}<nhis:results>{entry}</nhis:results>")
    outcome = interpret(replace(SEARCH, read=response.found_for_reply), Answer(200, {}, body), RULES, NOW)
    assert outcome.data["results"] == [
        {
            "immunization": {
                "nrn": NRN,
                "cancelReason": "Грешка",
                "previousIsExternal": True,
                "generateCertificate": False,
            },
            "performer": {"accompanying": [{"uin": "0000000002", "qualification": {"code": "1015"}}]},
            "reactions": [{"number": "260301R00001", "reported": True}],
        }
    ]
