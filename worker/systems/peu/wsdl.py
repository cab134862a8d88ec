"""The service as the operator's WSDL describes it: its operations, their messages, and the check of arguments.

zeep reads the WSDL, writes envelopes and reads answers; xmlschema checks what zeep does not (patterns, lists, lengths).
"""

from __future__ import annotations

import logging
from dataclasses import field
from typing import TYPE_CHECKING, Any

import xmlschema
import zeep
from lxml import etree
from zeep.wsdl.bindings.soap import SoapBinding

from contracts.immutable import immutable
from worker.configuration_error import ConfigurationError
from worker.systems.peu.wsdl_files import SCHEMA, WsdlFiles
from worker.xml.explain import explain

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from worker.xml.schema_problem import SchemaProblem

# zeep logs exceptions with the value that it could not read.
logging.getLogger("zeep").setLevel(logging.CRITICAL)

_WSDL = "{http://schemas.xmlsoap.org/wsdl/}"
_SETTINGS = zeep.Settings(strict=True, forbid_dtd=True, forbid_entities=True, forbid_external=True)


class BadArguments(Exception):
    """The arguments do not fit the operation. ``path`` are names; the text quotes no value."""

    def __init__(self, path: tuple[str, ...], told: str) -> None:
        super().__init__(told)
        self.path = path


class UnreadableAnswer(Exception):
    """The answer is not what the WSDL names as the operation's. The text quotes nothing of it."""


@immutable
class Message:
    """An envelope, as bytes, with its HTTP headers."""

    content: bytes = field(repr=False)
    headers: dict[str, str]


class Service:
    """One port of the WSDL's service. ``address`` is the one that the WSDL names, None where it names none."""

    def __init__(self, port: Any, model: xmlschema.XMLSchema10 | None) -> None:
        self._binding = port.binding
        self._model = model
        self.address: str | None = port.binding_options.get("address")

    @property
    def operations(self) -> frozenset[str]:
        """The names of its operations."""
        return frozenset(self._binding.all())

    def write(self, operation: str, arguments: dict[str, Any]) -> Message:
        """Write the envelope of a call. Raises BadArguments, and KeyError for an unknown operation."""
        found = self._binding.all()[operation]
        try:
            made = found.create(**arguments)
        except zeep.exceptions.ValidationError as error:
            path = tuple(error.path[1:])
            raise BadArguments(path[:-1], f"{path[-1] if path else 'an argument'} is missing") from None
        except TypeError as error:
            raise BadArguments((), _told(error)) from None
        except (ValueError, AttributeError, LookupError, ArithmeticError):
            raise BadArguments((), "an argument has another form than the WSDL's type") from None
        body = made.content.find(f"{{{self._binding.nsmap['soap-env']}}}Body")
        for problem in self._problems(body):
            raise BadArguments(tuple(problem.path.strip("/").split("/")[1:]), f"{problem.rule}")
        return Message(
            etree.tostring(made.content, encoding="UTF-8", xml_declaration=True), self._headers(made)
        )

    def read(self, operation: str, body: etree._Element) -> Any:
        """Return the content of an answer, given its SOAP Body. Raises UnreadableAnswer."""
        found = self._binding.all()[operation]
        answers = list(body.iterchildren("*"))
        expected = found.output.body.qname.text if found.output and found.output.body is not None else None
        # zeep takes any element for the answer.
        if [one.tag for one in answers] != ([] if expected is None else [expected]):
            raise UnreadableAnswer
        if not answers:
            return None
        # What zeep cannot read of a simple type it logs, and leaves out.
        if any(self._problems(body)):
            raise UnreadableAnswer
        try:
            return zeep.helpers.serialize_object(  # type: ignore[no-untyped-call]
                found.process_reply(body.getparent()), dict
            )
        except Exception:  # noqa: BLE001 - zeep raises whatever its types do, and its texts quote values
            raise UnreadableAnswer from None

    def declares_fault(self, operation: str, detail: etree._Element) -> bool:
        """Whether a fault's detail is one that the WSDL declares for the operation."""
        faults = self._binding.all()[operation].faults.values()
        parts = [part for fault in faults for part in fault.abstract.parts.values()]
        names = {part.element.qname.text for part in parts if part.element is not None}
        return any(child.tag in names for child in detail.iterchildren("*"))

    def _problems(self, body: etree._Element) -> Iterator[SchemaProblem]:
        """Check each element of a Body by the schema that declares it."""
        for element in body.iterchildren("*"):
            if self._model is not None and element.tag in self._model.maps.elements:
                yield from explain(self._model.maps.elements[element.tag].schema, element)

    def _headers(self, made: Any) -> dict[str, str]:
        action = made.headers.get("SOAPAction", '""')
        if self._binding.nsmap["soap-env"].endswith("soap-envelope"):
            return {"content-type": f"application/soap+xml; charset=utf-8; action={action}"}
        return {"content-type": "text/xml; charset=utf-8", "soapaction": action}


def load_service(file: Path, service: str | None, port: str | None) -> Service:
    """Read the WSDL. Raises ConfigurationError with everything that is wrong with it."""
    files = WsdlFiles(file)
    if files.problems:
        raise ConfigurationError(*(f"wsdl_file: {one}" for one in files.problems))
    try:
        document = zeep.Client(  # type: ignore[no-untyped-call]
            str(files.entry), transport=files, settings=_SETTINGS
        ).wsdl
        model = _model(files)
    except Exception as error:  # noqa: BLE001 - both libraries raise many kinds; the file is the operator's own
        raise ConfigurationError(f"wsdl_file: {file.name} cannot be used: {error}") from None
    found = _port(document, service, port)
    if problems := list(_unsupported(found.binding, files)):
        raise ConfigurationError(*(f"wsdl_file: {one}" for one in problems))
    return Service(found, model)


def _port(document: Any, service: str | None, port: str | None) -> Any:
    found = [
        (one.name, name, each)
        for one in document.services.values()
        for name, each in one.ports.items()
        if isinstance(each.binding, SoapBinding) and service in {None, one.name} and port in {None, name}
    ]
    if len(found) == 1:
        return found[0][2]
    there = [f"{one.name}/{name}" for one in document.services.values() for name in one.ports]
    named = ", ".join(there) or "none"
    raise ConfigurationError(
        f"wsdl_file: name one service and one port of SOAP by the settings service and port; the WSDL has: {named}"
    )


def _unsupported(binding: Any, files: WsdlFiles) -> Iterator[str]:
    """Yield what is wrong with each operation whose messages no schema declares: their answers cannot be checked."""
    for name, operation in sorted(binding.all().items()):
        if operation.style != "document":
            yield f"the operation {name} has the style {operation.style}; Herald supports document with literal use"
        elif name in _encoded(binding.name.localname, files):
            yield f"the operation {name} has the use encoded; Herald supports document with literal use"


def _encoded(binding: str, files: WsdlFiles) -> frozenset[str]:
    """Return the operations of a binding that have the use encoded anywhere; zeep does not tell."""
    operations = [
        operation
        for root in files.roots
        for found in root.iter(f"{_WSDL}binding")
        if found.get("name") == binding
        for operation in found.iterchildren(f"{_WSDL}operation")
    ]
    return frozenset(
        str(one.get("name"))
        for one in operations
        if any(each.get("use") == "encoded" for each in one.iter("*"))
    )


def _model(files: WsdlFiles) -> xmlschema.XMLSchema10 | None:
    """Build the schemas of the WSDL's types. None where it has none."""
    model: xmlschema.XMLSchema10 | None = None
    base = str(files.entry.parent)
    for root in files.roots:
        for element in root.iter(SCHEMA):
            if root.tag == SCHEMA and model is not None:
                continue  # a file of its own is loaded where it is referred to
            source = etree.tostring(element, encoding="unicode")
            # Each reference names a file beside the WSDL by now: nothing is fetched.
            options: dict[str, Any] = {"base_url": base, "allow": "sandbox", "build": False}
            if model is None:
                model = xmlschema.XMLSchema10(source, **options)
            else:
                model.__class__(source, global_maps=model.maps, **options)
    if model is not None:
        model.maps.build()
    return model


def _told(error: TypeError) -> str:
    """Say which argument the operation does not have: zeep's text names it and the signature, and no value."""
    text = str(error)
    unknown = text.partition("unexpected keyword argument '")[2].partition("'")[0]
    known = text.partition("Signature: `")[2].partition("`")[0]
    if not unknown:
        return "an argument has another form than the WSDL's type"
    return f"there is no argument {unknown}; the type has: {known or 'none'}"
