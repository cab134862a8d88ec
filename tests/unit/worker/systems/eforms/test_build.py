"""The settings of eForms, its files, and how its system and its recogniser are made."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from schemas import shipped
from tests.support.systems.eforms.hospital import CASES, RESPONSE, Hospital
from tests.support.systems.eforms.messages import REQUEST, TEMPLATE, message, xml_file
from worker.configuration_error import ConfigurationError
from worker.settings.systems import SystemsSettings
from worker.systems.eforms.build import recogniser
from worker.systems.eforms.schemas import Schemas
from worker.systems.eforms.settings import EformsSettings
from worker.systems.registry import recogniser_of

LARGEST = 900 * 1024
OPENED = message(xml_file("request.xml", REQUEST.encode()))


@pytest.mark.parametrize(
    ("section", "path"),
    [
        ({"response": {**RESPONSE, "xml_field": "not-a-field"}}, ("response", "xml_field")),
        (
            {"response": {**RESPONSE, "xml_field": RESPONSE["xml_field"].replace("1", "A")}},
            ("response", "xml_field"),
        ),
        ({"response": {**RESPONSE, "recipient_profile_id": 0}}, ("response", "recipient_profile_id")),
        ({"response": {**RESPONSE, "xml_name": "../answer.xml"}}, ("response", "xml_name")),
        (
            {"response": {"template_id": 1, "xml_field": RESPONSE["xml_field"]}},
            ("response", "recipient_profile_id"),
        ),
        ({"case_messages": {"url": "http://eforms.test"}}, ("case_messages", "url")),
        ({"case_messages": {**CASES, "miscinfo": "a\nb"}}, ("case_messages", "miscinfo")),
        ({"requests": {"template_ids": [-1]}}, ("requests", "template_ids")),
    ],
    ids=range(8),
)
def test_a_wrong_setting_is_named(section, path):
    with pytest.raises(ValidationError) as wrong:
        EformsSettings.model_validate(section)

    assert wrong.value.errors()[0]["loc"][: len(path)] == path


def test_nothing_is_required():
    settings = EformsSettings()

    assert (settings.response, settings.case_messages, settings.requests.template_ids) == (
        None,
        None,
        frozenset(),
    )


def test_a_schema_folder_that_lacks_something_is_refused_with_every_problem(tmp_path):
    (tmp_path / "ServiceRequest.xsd").write_bytes((shipped("eforms") / "ServiceRequest.xsd").read_bytes())

    with pytest.raises(ConfigurationError) as refused:
        Schemas.load(tmp_path)

    assert any("Agent.xsd" in one for one in refused.value.problems)
    assert any("ServiceRequestResponse.xsd" in one for one in refused.value.problems)


def test_the_platforms_own_schemas_can_take_the_place_of_ours(tmp_path):
    """An operator's folder counts in full: here a copy in which an answer has no documents."""
    for file in shipped("eforms").glob("*.xsd"):
        (tmp_path / file.name).write_bytes(file.read_bytes())
    answer = tmp_path / "ServiceRequestResponse.xsd"
    lines = [line for line in answer.read_text().splitlines() if "attachedDocument" not in line]
    answer.write_text("\n".join(lines))

    schemas = Schemas.load(tmp_path)

    assert "attachedDocument" not in {slot.name for slot in schemas.plan.content.orders[0]}
    assert "attachedDocument" in schemas.names


@pytest.mark.parametrize("content", ["", "two words", "тайна", "two\nlines"])
def test_a_token_that_no_header_can_carry_is_refused_without_being_shown(eforms_schemas, tmp_path, content):
    file = tmp_path / "token"
    file.write_text(content)

    with pytest.raises(ConfigurationError) as refused:
        Hospital(eforms_schemas, case_messages={**CASES, "token_file": file})

    assert not content or content not in str(refused.value)


async def test_a_new_token_is_used_once_its_file_has_changed(eforms_schemas, tmp_path):
    file = tmp_path / "token"
    file.write_text("first")
    hospital = Hospital(eforms_schemas, case_messages={**CASES, "token_file": file})
    (reloadable,) = hospital.system.reloadables()
    file.write_text("second\n")

    await reloadable.reload()

    assert reloadable.subject == "systems.eforms.case_messages.token_file"
    assert hospital.hook.secret_headers() == {"authorization": "Bearer second"}


def test_the_hook_is_among_the_hosts(eforms_schemas):
    assert [one.url for one in Hospital(eforms_schemas, case_messages=CASES).system.endpoints()] == [
        "https://eforms.test/"
    ]
    assert list(Hospital(eforms_schemas).system.endpoints()) == []


def test_who_opens_a_message_recognises_requests_also_where_another_worker_serves_eforms():
    sections = SystemsSettings.model_validate(
        {"edelivery": {}, "eforms": {"requests": {"template_ids": [TEMPLATE]}}}
    )
    served = sections.only(["edelivery"])

    notice = recogniser_of(served.all_sections(), LARGEST)(OPENED)

    assert served.configured() == ["edelivery"]
    assert notice is not None
    assert notice.type == "eforms.request.received.v1"


def test_without_the_section_nothing_is_recognised():
    sections = SystemsSettings.model_validate({"edelivery": {}})

    assert recogniser_of(sections.all_sections(), LARGEST)(OPENED) is None


def test_schemas_that_cannot_be_used_are_named_by_their_setting(tmp_path):
    with pytest.raises(ConfigurationError) as refused:
        recogniser(EformsSettings(schema_dir=tmp_path), LARGEST)

    assert all(one.startswith("systems.eforms: schema_dir: ") for one in refused.value.problems)
