"""The interim event of operations whose system answers later, in everything that is published."""

from __future__ import annotations

from dataclasses import replace

import pytest

from contracts.export import asyncapi, examples, messages, schemas
from contracts.registry import EVENT_TYPES

SEARCH = "nhis.immunization.search.v1"
TAKEN = "nhis.immunization.search.taken.v1"


@pytest.fixture
def later(monkeypatch):
    """Let the system answer one operation later."""
    changed = {**EVENT_TYPES, SEARCH: replace(EVENT_TYPES[SEARCH], answers_later=True)}
    for module in (asyncapi, examples, messages, schemas):
        monkeypatch.setattr(module, "EVENT_TYPES", changed)


def test_it_is_published_for_operations_whose_system_answers_later(later):
    document = asyncapi.document()
    message = document["components"]["messages"][TAKEN]
    assert message["payload"] == {"$ref": "#/components/schemas/TakenReply"}
    assert TAKEN in document["channels"]["nhis.results"]["messages"]
    assert TAKEN not in document["channels"]["nhis.errors"]["messages"]
    taken = {name for name in document["components"]["messages"] if ".taken." in name}
    assert taken == {TAKEN, "regix.report.request.taken.v1"}
    schema = document["components"]["schemas"]["TakenReply"]
    assert set(schema["properties"]) == {"system", "operation", "reference", "takenAt", "giveUpAt"}


def test_it_has_an_example_that_fits_its_schema(later):
    example = examples.example_files()[TAKEN]
    assert example["headers"]["ce_type"] == TAKEN
    assert set(example["value"]) <= set(schemas.schema_files()["reply.taken.v1"]["properties"])


def test_nothing_speaks_of_it_where_no_system_answers_later():
    none = not any(contract.answers_later for contract in EVENT_TYPES.values())
    document = asyncapi.document()
    assert ("TakenReply" not in document["components"]["schemas"]) is none
    assert "reply.taken.v1" in schemas.schema_files()
