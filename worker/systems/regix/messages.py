"""The four messages of RegiX's service: built and checked by their schema, and put into an envelope. Pure."""

from __future__ import annotations

from functools import cache, cached_property
from typing import TYPE_CHECKING

from lxml import etree

from worker.configuration_error import ConfigurationError
from worker.systems.regix.catalogue import FOLDER
from worker.xml.builder import build_element
from worker.xml.compiled import CompiledSchema, compile_schema
from worker.xml.folder import SchemaFolder
from worker.xml.plan import compile_plan

if TYPE_CHECKING:
    from collections.abc import Mapping

    from worker.signing.wsse.names import Soap
    from worker.xml.builder import Values
    from worker.xml.plan import Slot
    from worker.xml.schema_problem import SchemaProblem

SERVICE = "http://egov.bg/RegiX"
DATA = "http://egov.bg/RegiX/SignedData"
ACTION = f"{SERVICE}/IRegiXEntryPointV2/"
EXECUTE, CHECK, ACKNOWLEDGE = "Execute", "CheckResult", "AcknowledgeResultReceived"
_ADDRESSING = "http://www.w3.org/2005/08/addressing"
_ANONYMOUS = f"{_ADDRESSING}/anonymous"
_PREFIXES = {"reg": SERVICE, "sd": DATA}


class Messages:
    """Builds the messages that Herald sends. For one thread at a time: lxml keeps a schema's last errors.

    The schema is compiled at its first use, which takes a tenth of a second.
    """

    @cached_property
    def _compiled(self) -> CompiledSchema:
        return _service()

    @cached_property
    def _plans(self) -> Mapping[str, Slot]:
        elements = self._compiled.model.elements
        return {name: compile_plan(elements[name], {})[0] for name in (EXECUTE, CHECK, ACKNOWLEDGE)}

    def build(self, name: str, values: Values) -> etree._Element:
        """Return a message with these values, in the schema's order. Raises ValueError for what XML cannot carry."""
        return build_element(self._plans[name], values, _PREFIXES)

    def problems(self, message: etree._Element) -> tuple[SchemaProblem, ...]:
        """Return what is wrong with a message."""
        return self._compiled.problems(message)


@cache
def _service() -> CompiledSchema:
    compiled = compile_schema(SchemaFolder(FOLDER), FOLDER / "Service.xsd", EXECUTE)
    if not isinstance(compiled, CompiledSchema):
        raise ConfigurationError.of(compiled)
    return compiled


def enclosed(message: etree._Element, soap: Soap, *, url: str, message_id: str) -> bytes:
    """Return the envelope around a message: SOAP 1.1 alone, SOAP 1.2 with the headers of WS-Addressing."""
    addressed = soap.version == "1.2"
    envelope = etree.Element(
        soap.envelope, nsmap={"s": soap.namespace, **({"a": _ADDRESSING} if addressed else {})}
    )
    if addressed:
        header = etree.SubElement(envelope, soap.header)
        _address(header, soap, action=action_of(message), url=url, message_id=message_id)
    etree.SubElement(envelope, soap.body).append(message)
    return etree.tostring(envelope, encoding="UTF-8", xml_declaration=True)


def headers(name: str, soap: Soap) -> Mapping[str, str]:
    """Return the HTTP headers: SOAP 1.1 has the action in one of its own, 1.2 in the content type."""
    action = ACTION + name
    if soap.version == "1.2":
        return {"content-type": f'application/soap+xml; charset=utf-8; action="{action}"'}
    return {"content-type": "text/xml; charset=utf-8", "soapaction": f'"{action}"'}


def action_of(message: etree._Element) -> str:
    """Return the action of a message."""
    return ACTION + str(etree.QName(message).localname)


def _address(header: etree._Element, soap: Soap, *, action: str, url: str, message_id: str) -> None:
    must = {f"{{{soap.namespace}}}mustUnderstand": "1"}
    etree.SubElement(header, f"{{{_ADDRESSING}}}Action", must).text = action
    etree.SubElement(header, f"{{{_ADDRESSING}}}MessageID").text = f"urn:uuid:{message_id}"
    reply = etree.SubElement(header, f"{{{_ADDRESSING}}}ReplyTo")
    etree.SubElement(reply, f"{{{_ADDRESSING}}}Address").text = _ANONYMOUS
    etree.SubElement(header, f"{{{_ADDRESSING}}}To", must).text = url
