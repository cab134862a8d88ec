"""Sending a message: what is refused, and what a message that is taken becomes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sandbox.edelivery.answers import Refused, invalid
from sandbox.edelivery.templates import TEMPLATES, guid

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sandbox.edelivery.blobs import Blobs
    from sandbox.edelivery.messages import Message, Messages
    from sandbox.edelivery.people import Profile, Profiles
    from sandbox.edelivery.templates import Template
    from sandbox.edelivery.variants import Variants

_FORBIDDEN, _ERROR = 403, 500
_LONGEST_RNU, _LONGEST_SUBJECT = 64, 500


@dataclass(frozen=True, slots=True)
class Sent:
    """What a call asks to send."""

    recipients: list[int]
    subject: str
    rnu: str | None
    template: Template
    fields: Mapping[str, Any]


class Sending:
    """Takes messages into the store."""

    def __init__(
        self, profiles: Profiles, blobs: Blobs, messages: Messages, variants: Callable[[], Variants]
    ) -> None:
        self._profiles = profiles
        self._blobs = blobs
        self._messages = messages
        self._variants = variants

    def send(self, content: Any, own: Profile, acting: Profile) -> Message:
        """Send in the name of ``acting``. Raises Refused."""
        sent = self._read(content, own)
        blob_ids = tuple(dict.fromkeys(sent.template.files(sent.fields)))
        blobs = [self._blobs.get(number) for number in blob_ids]
        if any(one is None or one.owner != acting.profile_id for one in blobs):
            raise Refused(_ERROR)  # the source fails at a file that the sender does not have
        recipients = [
            one for one in map(self._profiles.get, dict.fromkeys(sent.recipients)) if one is not None
        ]
        message = self._messages.add(
            acting,
            recipients,
            subject=sent.subject,
            rnu=None if self._variants().rnu == "replaced" else sent.rnu,
            template_id=sent.template.template_id,
            fields={guid(name) or name: value for name, value in sent.fields.items()},
            blob_ids=blob_ids,
            sent_by=own,
            sent_rnu=sent.rnu,
        )
        for blob in blobs:
            if blob is not None:
                blob.in_message = True
        return message

    def _read(self, content: Any, own: Profile) -> Sent:
        if not isinstance(content, dict):
            raise Refused(_ERROR)  # the source looks for templateId before it validates
        template = TEMPLATES.get(_number(content.get("templateId")))
        if template is None or not template.open:
            raise Refused(_FORBIDDEN)
        recipients = content.get("recipientProfileIds")
        if (
            not isinstance(recipients, list)
            or not recipients
            or not self._profiles.can_receive(own, recipients)
        ):
            raise invalid("RecipientProfileIds", "Can not send to recipients")
        fields = content.get("fields")
        if not isinstance(fields, dict) or not template.accepts(
            fields, required=self._variants().required_fields
        ):
            raise invalid("", "Invalid fields according to template")
        return Sent(recipients, _subject(content), _rnu(content), template, fields)


def _subject(content: Mapping[str, Any]) -> str:
    subject = content.get("subject")
    if not isinstance(subject, str) or not subject.strip():
        raise invalid("Subject", "'Subject' must not be empty.")
    if len(subject) > _LONGEST_SUBJECT:
        raise Refused(_ERROR)
    return subject


def _rnu(content: Mapping[str, Any]) -> str | None:
    rnu = content.get("rnu")
    if rnu is not None and not isinstance(rnu, str):
        raise invalid("rnu", "The value is not valid.")
    if rnu is not None and len(rnu) > _LONGEST_RNU:
        raise Refused(_ERROR)  # its column has no room for it
    return rnu


def _number(value: Any) -> int:
    """Return a template's number, which a text may hold as well; 0 for anything else."""
    try:
        return 0 if isinstance(value, bool) else int(str(value))
    except ValueError:
        return 0
