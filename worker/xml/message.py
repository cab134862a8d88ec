"""One message type of a bundle: it builds messages by the schema, and validates them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from worker.xml.builder import Values, build_element

if TYPE_CHECKING:
    from lxml import etree
    from xmlschema import XsdComponent

    from worker.xml.compiled import CompiledSchema
    from worker.xml.explain import SchemaProblem
    from worker.xml.plan import Slot

_XSI = "http://www.w3.org/2001/XMLSchema-instance"
_DS = "http://www.w3.org/2000/09/xmldsig#"


class MessageSchema:
    """Builds and validates messages of one type: pure CPU, for one thread (lxml keeps its last errors)."""

    def __init__(self, type_: str, compiled: CompiledSchema, plan: Slot, prefix: str) -> None:
        self.type = type_
        self.namespace: str = compiled.root.target_namespace
        self.signature_required: bool = _demands_signature(compiled.root.type.content)
        """Whether a message without its signature is invalid: then it can be validated only once signed."""
        self._compiled = compiled
        self._plan = plan
        self._nsmap = {prefix: self.namespace}

    def build(self, values: Values, *, schema_location: str | None = None) -> etree._Element:
        """Return the root element with these values (see `Values`), in the order that the schema demands.

        ``schema_location`` becomes ``xsi:schemaLocation`` of the root (give the URL alone).
        Raises NoSuchElement where the schema has no place for a value. The result may still be invalid.
        """
        if schema_location is None:
            return build_element(self._plan, values, self._nsmap)
        element = build_element(self._plan, values, {**self._nsmap, "xsi": _XSI})
        element.set(f"{{{_XSI}}}schemaLocation", f"{self.namespace} {schema_location}")
        return element

    def validate(self, element: etree._Element) -> tuple[SchemaProblem, ...]:
        """Return what is wrong with a message: nothing, at the cost of lxml alone, for a valid one."""
        return self._compiled.problems(element)


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
