"""The operations whose forms this sandbox knows: what each takes, what it answers, and how a large answer grows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lxml import etree

from sandbox.regix import health_registers, large_shapes, person_registers, shapes
from sandbox.regix.shapes import BR, NBD, NCPR, NELK, NHIF, PNA, Shape, leaves
from sandbox.regix.soap import filled, named

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from sandbox.regix.soap import Element

_NOI = "http://egov.bg/RegiX/NOI/HospitalSheets"
_SERVICE = "TechnoLogica.RegiX.{}.APIService.{}.{}"


@dataclass(frozen=True, slots=True)
class Report:
    """One operation: the argument's form, the answer's form, and the values by those of the argument.

    ``listed`` is the path of the element that may repeat, where the answer can be made large.
    """

    operation: str
    argument: Shape
    answer: Shape
    values: Callable[[Mapping[str, str | None]], dict[str, Any]]
    listed: tuple[str, ...] = ()
    key: str = "EGN"
    """The element that names the person or thing asked for."""

    def asked(self, argument: Element) -> dict[str, str | None]:
        """Return the argument's values; an element that is not there, or of no or another namespace, is None."""
        return {one.name: _text(argument.find(_tag(one))) for one in self.argument.children}

    def accepts(self, argument: Element) -> bool:
        """Whether the argument's own element is the right one: all else is not looked at."""
        return argument.tag == _tag(self.argument)

    def echoed(self, asked: Mapping[str, str | None]) -> Element:
        """Return the argument as the register understood it."""
        return written(self.argument, dict(asked))


def _report(
    service: tuple[str, str], method: str, forms: tuple[Shape, Shape], values: Any, **more: Any
) -> Report:
    return Report(_SERVICE.format(*service, method), *forms, values, **more)


def _takes(namespace: str, name: str, fields: str) -> Shape:
    return Shape(name, namespace, leaves(namespace, fields))


def _of_grao() -> Iterator[Report]:
    people = person_registers
    nbd, pna, br = ("GraoNBDAdapter", "INBDAPI"), ("GraoPNAAdapter", "IPNAAPI"), ("GraoBRAdapter", "IBRAPI")
    takes = _takes(f"{NBD}/ValidPersonRequest", "ValidPersonRequest", "EGN")
    yield _report(nbd, "ValidPersonSearch", (takes, shapes.VALID_PERSON), people.valid_person)
    takes = _takes(f"{NBD}/PersonDataRequest", "PersonDataRequest", "EGN")
    yield _report(nbd, "PersonDataSearch", (takes, shapes.PERSON_DATA), people.person_data)
    takes = _takes(
        f"{NBD}/RelationsRequest", "RelationsRequestType", "EGN"
    )  # this one is named like its type
    listed = ("PersonRelations",)
    yield _report(nbd, "RelationsSearch", (takes, shapes.RELATIONS), people.relations, listed=listed)
    takes = _takes(f"{PNA}/PermanentAddressRequest", "PermanentAddressRequest", "EGN SearchDate")
    yield _report(pna, "PermanentAddressSearch", (takes, shapes.PERMANENT_ADDRESS), people.permanent_address)
    takes = _takes(f"{PNA}/TemporaryAddressRequest", "TemporaryAddressRequest", "EGN SearchDate")
    yield _report(pna, "TemporaryAddressSearch", (takes, shapes.TEMPORARY_ADDRESS), people.temporary_address)
    takes = _takes(f"{BR}/MaritalStatusRequest", "MaritalStatusRequest", "EGN")
    yield _report(br, "MaritalStatusSearch", (takes, shapes.MARITAL_STATUS), people.marital_status)


def _of_nhif() -> Iterator[Report]:
    service, health = ("NHIFAdapter", "INHIFAPI"), health_registers
    for records, fields, shape, values in (
        ("Hospitalization", "Identifier IdentifierType", shapes.HOSPITALIZATIONS, health.hospitalizations),
        ("MedicalTreatment", "IdentifierType Identifier", shapes.TREATMENTS, health.treatments),
    ):
        takes = _takes(f"{NHIF}/Request", f"PatientRecord{records}sRequest", fields)
        listed = (f"PatientRecord{records}s", f"PatientRecord{records}")
        method = f"GetPatientRecord{records}s"
        yield _report(service, method, (takes, shape), values, listed=listed, key="Identifier")


def _of_others() -> Iterator[Report]:
    health = health_registers
    nelk, noi = ("NelkEismeAdapter", "INelkEismeAPI"), ("NOIHospitalSheetsAdapter", "INOIHospitalSheetsAPI")
    listed: tuple[str, ...] = ("ExpertDecisionDocument",)
    for which, values in (
        ("AllExpertDecisions", health.all_decisions),
        ("LastExpertDecision", health.last_decision),
    ):
        method = f"Get{which}ByIdentifier"
        forms = _takes(NELK, f"{method}Request", "Identifier"), large_shapes.EXPERT_DECISIONS
        yield _report(nelk, method, forms, values, listed=listed, key="Identifier")
    method, listed = "GetHospitalSheetsData", ("ePatCharts", "ePatChart")
    forms = (
        _takes(f"{_NOI}/{method}Request", f"{method}Request", "Identifier IdentifierType"),
        shapes.HOSPITAL_SHEETS,
    )
    yield _report(noi, method, forms, health.hospital_sheets, listed=listed, key="Identifier")
    service, method = ("NCPRMedicinalProductsAdapter", "INCPRMedicinalProductsAPI"), "GetMedicinalProductData"
    name = "GetMedinicalProductDataRequest"  # spelt so, unlike the answer
    takes = _takes(f"{NCPR}/MedicinalProducts/{name}", name, "MedicinalProductIdentifier")
    forms = takes, large_shapes.MEDICINAL_PRODUCT
    yield _report(service, method, forms, health.medicinal_product, key="MedicinalProductIdentifier")


REPORTS: Mapping[str, Report] = {one.operation: one for one in (*_of_grao(), *_of_nhif(), *_of_others())}


def written(shape: Shape, values: Mapping[str, Any], hidden: frozenset[str] = frozenset()) -> Element:
    """Return the answer as XML; elements of the hidden dotted paths are left out, and None is absent."""
    root = named(shape.name, shape.namespace) if shape.namespace else etree.Element(shape.name)
    _fill(root, shape, values, hidden, "")
    return root


def grown(root: Element, listed: tuple[str, ...], size: int) -> bytes:
    """Return the answer as text, with the records of its list repeated until they have so many bytes."""
    *outer, name = listed
    place: Element | None = root
    for step in outer:
        place = None if place is None else place.find(f"{{*}}{step}")
    records = [] if place is None else place.findall(f"{{*}}{name}")
    if place is None or not records:
        return etree.tostring(root, encoding="utf-8")
    once = b"".join(etree.tostring(record, encoding="utf-8") for record in records)
    for record in records:
        place.remove(record)
    return filled(root, place, once * -(-size // len(once)))


def _fill(
    parent: Element, shape: Shape, values: Mapping[str, Any], hidden: frozenset[str], prefix: str
) -> None:
    for child in shape.children:
        path, value = f"{prefix}{child.name}", values.get(child.name)
        if value is None or path in hidden:
            continue
        for one in value if isinstance(value, list) else [value]:
            default: Any = {None: child.namespace} if child.namespace != shape.namespace else None
            element = etree.SubElement(parent, _tag(child), nsmap=default)
            if isinstance(one, str):
                element.text = one
            else:
                _fill(element, child, one, hidden, f"{path}.")


def _tag(shape: Shape) -> str:
    return f"{{{shape.namespace}}}{shape.name}" if shape.namespace else shape.name


def _text(element: Element | None) -> str | None:
    return None if element is None else "".join(str(part) for part in element.itertext()).strip()
