"""Which fields hold codes of which list."""

from __future__ import annotations

from contracts.nhis.codes import VACCINE_LOTS, CodeUse, codes_of, lot_code
from contracts.registry import EVENT_TYPES, validate

REGISTER = "nhis.immunization.register.v1"


def test_register(changed, today):
    model = validate(
        REGISTER, changed(REGISTER, {"immunization.targetDiseases": ["Z24.6", "U07.1"]}), today=today
    )
    assert codes_of(model) == [
        CodeUse("$.data.performer.qualification.code", "CL006", "1043"),
        CodeUse("$.data.immunization.targetDiseases[0]", "CL011", "Z24.6"),
        CodeUse("$.data.immunization.targetDiseases[1]", "CL011", "U07.1"),
        CodeUse("$.data.immunization.vaccineCode", "CL037", "2998"),
        CodeUse("$.data.immunization.nhifVaccineCode", "CL038", "01"),
        CodeUse("$.data.immunization.bodySite", "CL045", "LA"),
        CodeUse("$.data.immunization.route", "CL046", "IM"),
        CodeUse("$.data.immunization.socialGroup", "CL042", "1"),
        CodeUse("$.data.immunization.personStatus", "CL043", "2"),
        CodeUse("$.data.immunization.lotNumber", VACCINE_LOTS, lot_code("2998", "AHBVC123")),
    ]


def test_absent_fields_hold_none(changed, today):
    without = {
        f"immunization.{name}": None
        for name in ("nhifVaccineCode", "bodySite", "route", "socialGroup", "personStatus", "lotNumber")
    }
    lists = [use.list_id for use in codes_of(validate(REGISTER, changed(REGISTER, without), today=today))]
    assert lists == ["CL006", "CL011", "CL037"]


def test_codes_of_those_who_took_part_are_named_by_place(changed, today):
    other = {"uin": "0000000002", "qualification": {"code": "1015"}}
    data = changed(REGISTER, {"performer.accompanying": [other, other]})
    places = [use.path for use in codes_of(validate(REGISTER, data, today=today)) if use.value == "1015"]
    assert places == [f"$.data.performer.accompanying[{index}].qualification.code" for index in (0, 1)]


def test_reaction(today):
    event_type = "nhis.adverse-reaction.register.v1"
    uses = codes_of(validate(event_type, EVENT_TYPES[event_type].example, today=today))
    assert [(use.path.removeprefix("$.data.reaction."), use.list_id) for use in uses] == [
        ("action", "CL040"),
        ("effect", "CL090"),
        ("outcome", "CL091"),
        ("dependency", "CL092"),
        ("relation", "CL093"),
    ]


def test_a_code_does_not_show_in_its_repr():
    assert "2998" not in repr(CodeUse("$.data", "CL037", "2998"))
