"""The message of eDelivery that carries an answer: who gets it, and where its parts are in it. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from worker.systems.eforms.operations import SYSTEM
from worker.systems.ssev.outgoing import Outgoing, OutgoingField, OutgoingFile

if TYPE_CHECKING:
    from collections.abc import Iterator

    from contracts.eforms.requests import SendResponse
    from worker.submission import Submission
    from worker.systems.eforms.settings import Response

SECTION = f"systems.{SYSTEM}.response"
XML = "application/xml"
_LONGEST_NUMBER = 100
"""Characters of the request's number in the subject, which eDelivery bounds at 255 units of UTF-16."""
_REFERENCE = 8


def outgoing_of(data: SendResponse, xml: bytes, submission: Submission, settings: Response) -> Outgoing:
    """Return the message with this XML. Its contract sees to it that the event has a reference number."""
    answer = OutgoingFile("$.data", settings.xml_name, XML, content=xml)
    documents = tuple(_uploaded(data))
    apart = settings.documents_field not in {None, settings.xml_field}
    fields = [OutgoingField(f"{SECTION}.texts", one, text) for one, text in sorted(settings.texts.items())]
    fields += [_field("xml_field", settings.xml_field, (answer,) if apart else (answer, *documents))]
    if apart and documents:
        fields.append(_field("documents_field", str(settings.documents_field), documents))
    return Outgoing(
        recipients=(settings.recipient_profile_id,),
        subject=subject_of(data, submission),
        template_id=settings.template_id,
        fields=tuple(fields),
        rnu=submission.rnu or "",
    )


def subject_of(data: SendResponse, submission: Submission) -> str:
    """Return a subject that no other submission has.

    All answers to one request have its reference number, the same template and the same recipient: a look-up must not
    take one of them for another.
    """
    number = data.request_uri.identifier[:_LONGEST_NUMBER].strip()
    return f"{number} [{submission.derived_id(SYSTEM)[:_REFERENCE]}]"


def _uploaded(data: SendResponse) -> Iterator[OutgoingFile]:
    for index, one in enumerate(data.documents or ()):
        if one.uploaded is not None:
            yield OutgoingFile(f"$.data.documents[{index}]", one.identifier, uploaded=one.uploaded)


def _field(setting: str, field_id: str, files: tuple[OutgoingFile, ...]) -> OutgoingField:
    return OutgoingField(f"{SECTION}.{setting}", field_id, files)
