"""One message type of a bundle: it builds messages by the schema, and validates them."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from lxml import etree

from worker.xml.builder import build_element
from worker.xml.plan import namespaces_in
from worker.xml.safe import own_document_parser
from worker.xml.writer import CanonicalWriter

if TYPE_CHECKING:
    from collections.abc import Mapping

    from xmlschema import XsdComponent

    from worker.xml.builder import Values
    from worker.xml.compiled import CompiledSchema
    from worker.xml.plan import Slot
    from worker.xml.schema_problem import SchemaProblem
    from worker.xml.shapes import Shape

_XSI = "http://www.w3.org/2001/XMLSchema-instance"
_DS = "http://www.w3.org/2000/09/xmldsig#"


class NotCanonical(Exception):
    """Herald's writer and libxml2 disagree about a message: no receiver could verify its signature."""


class MessageSchema:
    """Writes and validates messages of one type: pure CPU, for one thread (lxml keeps its last errors)."""

    def __init__(self, type_: str, compiled: CompiledSchema, plan: Slot, prefix: str) -> None:
        self.type = type_
        self.namespace: str = compiled.root.target_namespace
        self.signature_required: bool = _demands_signature(compiled.root.type.content)
        """Whether a message without its signature is invalid: then it can be validated only once signed."""
        self.namespaces = _prefixes(plan, self.namespace, prefix)
        """What the root of a message declares, by prefix."""
        self._compiled = compiled
        self._plan = plan
        self._writer = CanonicalWriter(plan, {uri: short for short, uri in self.namespaces.items()})
        self._parser = own_document_parser()
        self._proved = False

    def build(self, values: Values, *, schema_location: str | None = None) -> etree._Element:
        """Return the root element with these values (see `Values`), in the order that the schema demands.

        ``schema_location`` becomes ``xsi:schemaLocation`` of the root (give the URL alone).
        Raises NoSuchElement where the schema has no place for a value. The result may still be invalid.
        """
        if schema_location is None:
            without = {prefix: uri for prefix, uri in self.namespaces.items() if uri != _XSI}
            return build_element(self._plan, values, without)
        element = build_element(self._plan, values, self.namespaces)
        element.set(f"{{{_XSI}}}schemaLocation", f"{self.namespace} {schema_location}")
        return element

    def write(self, values: Values, *, schema_location: str) -> bytes:
        """Return the canonical form of what `build` returns, without a tree. It may be no XML: see `read`.

        Raises NoSuchElement as `build` does, and NotCanonical.
        """
        return self._first_proved(self._writer.write(values, self._located(schema_location)))

    @property
    def shape(self) -> Shape:
        """What is written of the root and all that may be in it, whatever the values are."""
        return self._writer.root

    def write_around(self, inside: str, *, schema_location: str) -> bytes:
        """Return the message whose root holds this, which is in canonical form. Raises as `write` does."""
        return self._first_proved(self._writer.around(inside, self._located(schema_location)))

    def _located(self, schema_location: str) -> Mapping[str, str]:
        return {"xsi:schemaLocation": f"{self.namespace} {schema_location}"}

    def _first_proved(self, message: bytes) -> bytes:
        if not self._proved:
            self._prove(message)
        return message

    def _prove(self, message: bytes) -> None:
        """Compare the first message with what libxml2 makes of it: an operator's schema may be of any kind."""
        with suppress(ValueError):  # no XML, which proves nothing
            root = self.read(message)
            if etree.tostring(root, method="c14n", exclusive=False, with_comments=False) != message:
                raise NotCanonical(f"a message {self.type} was not written in canonical form")
            self._proved = True

    def read(self, message: bytes) -> etree._Element:
        """Return the root element of a message that Herald wrote.

        Raises ValueError, which quotes nothing, where it is no XML: it holds characters that XML cannot carry.
        """
        try:
            return etree.fromstring(message, self._parser)
        except etree.XMLSyntaxError:
            pass
        # Raised outside the handler: libxml2's message may quote the content.
        raise ValueError("the message holds characters that XML cannot carry")

    def validate(self, element: etree._Element) -> tuple[SchemaProblem, ...]:
        """Return what is wrong with a message: nothing, at the cost of lxml alone, for a valid one."""
        return self._compiled.problems(element)


def _prefixes(plan: Slot, namespace: str, prefix: str) -> Mapping[str, str]:
    """Return a prefix for each namespace of the plan, and that of schemaLocation. A signature declares its own."""
    others = sorted(set(namespaces_in(plan)) - {namespace, _DS})
    return {prefix: namespace, **{f"ns{number}": uri for number, uri in enumerate(others)}, "xsi": _XSI}


def _demands_signature(particle: XsdComponent) -> bool:
    if particle.min_occurs == 0:
        return False
    if not hasattr(particle, "model"):
        return (
            _DS in (particle.namespace or ())
            if particle.name is None
            else particle.name == f"{{{_DS}}}Signature"
        )
    demands = [_demands_signature(child) for child in particle]
    return bool(demands) and (all(demands) if particle.model == "choice" else any(demands))
