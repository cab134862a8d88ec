"""Why a message is not valid, said without its values: path, rule, and what kind of value was there."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

import xmlschema
from lxml import etree
from xmlschema.validators import (
    XMLSchemaChildrenValidationError,
    XsdAttributeGroup,
    XsdEnumerationFacets,
    XsdFacet,
    XsdPatternFacets,
)

from worker.xml.schema_problem import SchemaProblem, local_path

if TYPE_CHECKING:
    from collections.abc import Iterator

    from xmlschema import XMLSchema10, XMLSchemaValidationError

_ATTRIBUTE = re.compile(r"attribute ([\w:.\-]+)=")


def explain(model: XMLSchema10, element: etree._Element) -> tuple[SchemaProblem, ...]:
    """Return every problem that xmlschema sees; milliseconds each, so only for invalid messages."""
    # The element is in memory already: nothing may be loaded for it.
    resource = xmlschema.XMLResource(element, allow="none")
    errors: Iterator[XMLSchemaValidationError] = model.iter_errors(resource)
    return tuple(dict.fromkeys(problem for error in errors for problem in _problems(error)))


def value_class(text: str) -> str:
    """Describe a value without telling it: how long it is, and which kinds of characters it has."""
    kinds = sorted({_kind(character) for character in text})
    return f"{len(text)} character{'' if len(text) == 1 else 's'}{': ' if kinds else ''}{', '.join(kinds)}"


def _kind(character: str) -> str:
    category = unicodedata.category(character)
    if category == "Nd":
        return "digits"
    if category.startswith("L"):
        script = unicodedata.name(character, "other").partition(" ")[0].capitalize()
        return f"{script} letters"
    return "spaces" if character.isspace() else "signs"


def _problems(error: XMLSchemaValidationError) -> Iterator[SchemaProblem]:
    path = local_path(error.path)
    if isinstance(error, XMLSchemaChildrenValidationError):
        yield SchemaProblem(path, _children_rule(error))
    elif isinstance(error.validator, XsdAttributeGroup):
        yield from _attribute_problems(path, error)
    elif etree.iselement(error.obj):
        yield SchemaProblem(path, "text is not allowed here")
    else:
        yield _value_problem(path, error)


def _children_rule(error: XMLSchemaChildrenValidationError) -> str:
    expected = [particle.local_name or "another namespace's element" for particle in error.expected or ()]
    wanted = f"{' or '.join(expected)} is expected" if expected else "nothing more is expected"
    if error.invalid_tag is None:
        return f"an element is missing: {wanted}"
    return f"{etree.QName(error.invalid_tag).localname} is not allowed here: {wanted}"


def _attribute_problems(path: str, error: XMLSchemaValidationError) -> Iterator[SchemaProblem]:
    declared, present = error.validator, error.elem.attrib
    for name, attribute in declared.items():
        if name is not None and attribute.use == "required" and name not in present:
            yield SchemaProblem(f"{path}/@{name}", "the attribute is required")
    for name in present:
        if name not in declared:
            yield SchemaProblem(f"{path}/@{etree.QName(name).localname}", "the schema has no such attribute")


def _value_problem(path: str, error: XMLSchemaValidationError) -> SchemaProblem:
    # Of the reason, only the attribute's name before the first "=" is read: the rest quotes the value.
    attribute = _ATTRIBUTE.match(error.reason or "")
    if attribute is None:
        return SchemaProblem(path, _value_rule(error), value_class(error.elem.text or ""))
    value = error.elem.get(attribute[1], "")
    return SchemaProblem(f"{path}/@{attribute[1]}", _value_rule(error), value_class(value))


def _value_rule(error: XMLSchemaValidationError) -> str:
    validator = error.validator
    if isinstance(validator, XsdPatternFacets):
        return f"must match the pattern {' or '.join(validator.regexps)}"
    if isinstance(validator, XsdEnumerationFacets):
        return f"must be one of the {len(validator.enumeration)} values that the schema lists"
    if isinstance(validator, XsdFacet):
        name = type(validator).__name__.removeprefix("Xsd").removesuffix("Facet")
        return f"{name[0].lower()}{name[1:]} must be {validator.value}"
    return f"must be of the type {_type_name(validator)}"


def _type_name(validator: object) -> str:
    """Name a type; those of bounded integers are checked by functions such as `positive_int_validator`."""
    named: str | None = getattr(validator, "prefixed_name", None)
    function: str = getattr(validator, "__name__", "that the schema declares")
    return named or function.removesuffix("_validator").replace("_", " ")
