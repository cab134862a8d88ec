"""Making a message: built by the schema, valid by the schema, signed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lxml import etree

from contracts.reasons import Reason
from worker.outcome import Blocked, Retry
from worker.signing.port import SigningFailed
from worker.signing.xmldsig import sign_enveloped
from worker.systems.nhis import violations
from worker.systems.port import NotPrepared, Refused
from worker.xml import safe
from worker.xml.builder import NoSuchElement

if TYPE_CHECKING:
    from contracts.problems import Problem
    from worker.signing.port import SigningKey
    from worker.systems.nhis.fields import Field
    from worker.xml.builder import Values
    from worker.xml.message import MessageSchema

_SCHEMA_LOCATION = "https://www.his.bg/api/v1/NHIS-{type}.xsd"
"""As in the official samples; clients in production send others and are not refused."""


def build(schema: MessageSchema, values: Values, rows: tuple[Field, ...]) -> etree._Element:
    """Return the unsigned message. Raises Refused where it does not fit the schema, with every problem."""
    try:
        root = schema.build(values, schema_location=_SCHEMA_LOCATION.format(type=schema.type))
    except NoSuchElement as error:
        raise _refused(
            [violations.problem(error.path, f"has no place in the schema: {error.path}", rows)]
        ) from None
    except ValueError:
        # lxml's text quotes nothing, but says it of no field; the contract keeps such characters out before.
        raise _refused([violations.problem("", "holds characters that XML cannot carry", rows)]) from None
    if not schema.signature_required:
        _require_valid(schema, root, rows)
    return root


async def sign(
    schema: MessageSchema, root: etree._Element, key: SigningKey, rows: tuple[Field, ...]
) -> bytes:
    """Return the bytes to send. Raises NotPrepared where the key cannot sign, Refused as `build` does."""
    try:
        signed = await sign_enveloped(root, key)
    except SigningFailed as error:
        kind = Retry if error.transient else Blocked
        raise NotPrepared(kind(Reason.SIGNING_FAILED, str(error))) from None
    if schema.signature_required:
        _require_valid(schema, safe.parse(signed, max_bytes=len(signed)), rows)
    return signed


def unsigned(root: etree._Element) -> bytes:
    """Return the bytes of a message that is sent without a signature."""
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True)


def _require_valid(schema: MessageSchema, root: etree._Element, rows: tuple[Field, ...]) -> None:
    if problems := schema.validate(root):
        raise _refused(violations.told(problems, rows))


def _refused(problems: list[Problem]) -> Refused:
    return Refused(Reason.SCHEMA_VIOLATION, problems)
