"""What a search shows is named by the contract, field by field; what a look-up compares is not cut."""

from __future__ import annotations

from contracts.nhis.found import FoundRecord
from worker.systems.nhis import fields
from worker.systems.nhis.fields import Kind
from worker.systems.typed import typed

VALUES = {Kind.TEXT: "x", Kind.FLAG: True, Kind.COUNT: 2, Kind.NUMBER: 0.5}


def put(target, path, value):
    *parents, name = path.split(".")
    for parent in parents:
        target = target.setdefault(parent, {})
    target[name] = value


def value_of(row):
    if not row.rows:
        return ["x"] if row.many else VALUES[row.kind]
    one = {}
    for inner in row.rows:
        put(one, inner.name, VALUES[inner.kind])
    return [one]


def test_the_contract_names_every_field_of_a_result_and_takes_its_type():
    record = {}
    for row in fields.RESULT:
        put(record, row.name, value_of(row))
    reaction = {row.name: VALUES[row.kind] for row in fields.FOUND_REACTION}
    record["reactions"] = [reaction]
    assert typed(FoundRecord, record) == record
    FoundRecord.model_validate(record, by_alias=True, by_name=False)


def test_what_is_of_another_type_is_left_to_the_answer():
    record = {"immunization": {"booster": "maybe", "doseNumber": "first", "lrn": "x"}, "other": {}}
    assert typed(FoundRecord, record) == {"immunization": {"lrn": "x"}}
