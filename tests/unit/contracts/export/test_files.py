"""The exported files in the repository are what the models say, and the examples fit schemas and models."""

from __future__ import annotations

import json
import re
from datetime import date
from functools import cache

import pytest
import yaml
from jsonschema import Draft202012Validator, FormatChecker

from contracts import bulgarian_identifiers
from contracts.envelope import decode
from contracts.export.examples import example_files
from contracts.export.files import differences, exported, write
from contracts.registry import EVENT_TYPES, validate
from contracts.replies import FailedReply, HeldReply, RejectedReply, ReplyKind, TakenReply
from contracts.reply_events import reply_type

EXAMPLES = tuple(example_files())
"""Names; collecting makes no files, since each process of a run collects all tests."""
SHARED = {
    ".rejected.v1": RejectedReply,
    ".failed.v1": FailedReply,
    ".held.v1": HeldReply,
    ".taken.v1": TakenReply,
}


@cache
def asyncapi():
    """Return the document as it is read from its file, by libyaml: PyYAML's own parser takes seconds."""
    return yaml.load(exported()["asyncapi.yaml"], yaml.CSafeLoader)


def example(name):
    return json.loads(exported()[f"examples/{name}.json"])


def schema_of(event_type):
    for end in SHARED:
        if event_type.endswith(end):
            return json.loads(exported()[f"jsonschema/reply{end}.json"])
    return json.loads(exported()[f"jsonschema/{event_type}.json"])


def test_every_example_has_a_file():
    found = [name for name in exported() if name.startswith("examples/")]
    assert found == [f"examples/{name}.json" for name in EXAMPLES]


def test_the_files_in_the_repository_are_up_to_date(root):
    assert differences(root / "contracts" / "published") == []


def open_objects(schema, path="$"):
    """Yield the place of every object of a schema that may have members which it does not name."""
    if isinstance(schema, dict):
        if schema.get("additionalProperties") is True or schema == {"type": "object"}:
            yield path
        for name, one in schema.items():
            yield from open_objects(one, f"{path}.{name}")
    elif isinstance(schema, list):
        for index, one in enumerate(schema):
            yield from open_objects(one, f"{path}[{index}]")


@pytest.mark.parametrize("event_type", EVENT_TYPES)
def test_what_an_accepted_reply_holds_is_named(event_type):
    """All but the reply of a service of NHIF, whose JSON no document describes."""
    name = reply_type(event_type, ReplyKind.ACCEPTED)
    assert list(open_objects(json.loads(exported()[f"jsonschema/{name}.json"]))) == []


def test_export_repeats_itself():
    assert exported.__wrapped__() == exported()  # past the cache


@pytest.mark.parametrize("event_type", EXAMPLES)
def test_examples_fit_their_schemas(event_type):
    validator = Draft202012Validator(schema_of(event_type), format_checker=FormatChecker(["date"]))
    validator.validate(example(event_type)["value"])


@pytest.mark.parametrize("event_type", EXAMPLES)
def test_examples_fit_the_asyncapi_headers_and_payload(event_type):
    document = asyncapi()
    message = document["components"]["messages"][event_type]
    for part in ("headers", "payload"):
        schema = {**message[part], "components": document["components"]}
        Draft202012Validator(schema).validate(message["examples"][0][part])
    assert message["examples"][0]["headers"] == example(event_type)["headers"]
    assert message["examples"][0]["payload"] == example(event_type)["value"]


@pytest.mark.parametrize("event_type", EVENT_TYPES)
def test_example_submissions_are_events_that_pass(event_type):
    shown = example(event_type)
    headers = [(name, text.encode()) for name, text in shown["headers"].items()]
    value = json.dumps(shown["value"]).encode()
    envelope = decode(headers, value, shown["key"].encode(), max_bytes=100_000)
    assert envelope.type == event_type
    validate(event_type, envelope.data_raw, today=date(2025, 6, 1))


@pytest.mark.parametrize("event_type", EVENT_TYPES)
def test_example_results_fit_their_models(event_type):
    contract = EVENT_TYPES[event_type]
    accepted = example(reply_type(event_type, ReplyKind.ACCEPTED))["value"]
    model = contract.result.model_validate(accepted["data"], by_alias=True, by_name=False)
    assert model.model_dump(mode="json", by_alias=True, exclude_unset=True) == accepted["data"]


@pytest.mark.parametrize("event_type", [name for name in EXAMPLES if name.endswith(tuple(SHARED))])
def test_example_replies_fit_their_models(event_type):
    model = next(model for end, model in SHARED.items() if event_type.endswith(end))
    value = example(event_type)["value"]
    assert model.model_validate(value).model_dump(mode="json", by_alias=True) == value


def test_the_patients_are_invented():
    egns = {egn for text in exported().values() for egn in re.findall(r'"identifier": "([0-9]{10})"', text)}
    assert egns
    for egn in egns:
        assert bulgarian_identifiers.egn_check_digit_is_right(egn)
        assert bulgarian_identifiers.egn_birth_date(egn) < date(1900, 1, 1)


def test_write_touches_what_changed_and_removes_what_is_no_more(tmp_path):
    assert write(tmp_path) == sorted(exported())
    assert write(tmp_path) == []
    (tmp_path / "asyncapi.yaml").write_text("old")
    (tmp_path / "examples" / "gone.v1.json").write_text("{}")
    (tmp_path / "README.md").write_text("stays")
    assert differences(tmp_path) == ["asyncapi.yaml", "examples/gone.v1.json"]
    assert write(tmp_path) == ["asyncapi.yaml", "examples/gone.v1.json"]
    assert differences(tmp_path) == []
    assert not (tmp_path / "examples" / "gone.v1.json").exists()
    assert (tmp_path / "README.md").exists()
