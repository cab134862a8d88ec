"""Every field that is read has its element in the schema, where the schema has it."""

from __future__ import annotations

from contracts.eforms.notifications import ServiceRequest
from worker.systems.eforms.shapes import Kind, parts_of
from worker.xml.plan import compile_plan

NOT_READ = {
    "Code": {"dictionaryName", "dictionaryOwner", "dictionaryVersion"},
    "PublicService": {"keyword", "spatial", "evidence", "output"},
    "PublicOrganization": {
        *("alternativeLabel", "description", "spatial", "homepage", "logo", "subOrganizations"),
        *("administrativeUnits", "contactPoint", "address", "activeFrom", "activeTo"),
    },
}
"""What a HIS does not need: it stays in the file of the request (docs/systems/eforms.md)."""


def pairs(model, slot, seen):
    """Yield each model with the elements that its element may hold."""
    inner = {one.name: one for one in slot.content.orders[0]}
    if (model, slot.name) in seen:
        return
    seen.add((model, slot.name))
    yield model, inner
    for part in parts_of(model):
        if part.kind is Kind.MODEL:
            yield from pairs(part.model, inner[part.element], seen)


def test_every_field_has_its_element_and_every_other_element_is_known(eforms_schemas):
    root = compile_plan(eforms_schemas.request.root, {})[0]
    left = set()
    for model, inner in pairs(ServiceRequest, root, set()):
        elements = {part.element for part in parts_of(model)}
        assert elements <= inner.keys(), model
        left |= inner.keys() - elements

    assert left == set().union(*NOT_READ.values())


def test_leaves_are_texts_and_flags(eforms_schemas):
    root = compile_plan(eforms_schemas.request.root, {})[0]
    for model, inner in pairs(ServiceRequest, root, set()):
        for part in parts_of(model):
            content = inner[part.element].content
            assert (part.kind is Kind.MODEL) is (not content.text), (model, part)
