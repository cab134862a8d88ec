"""What a test asks of eDelivery alone, below `/_sandbox/`: what other people do in it."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sandbox.edelivery.blobs import generated
from sandbox.edelivery.people import HOSPITAL, MUNICIPALITY
from sandbox.edelivery.templates import LETTER, LETTER_FILES, LETTER_TEXT, TEMPLATES, guid
from sandbox.edelivery.times import read
from sandbox.stand_in import InvalidControl

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from sandbox.edelivery.blobs import Blob, Blobs
    from sandbox.edelivery.messages import Message, Messages
    from sandbox.edelivery.notices import Notices
    from sandbox.edelivery.people import Profile, Profiles

_LARGEST = 256 * 1024 * 1024
_FINDINGS = {"clean": 2, "unsure": 3, "malicious": 4, "never": None}
_BOXES = ("inbox", "outbox")
_MESSAGE = frozenset(
    {"from", "to", "subject", "rnu", "templateId", "fields", "files", "sentAt", "forwarded", "opened"}
)


@dataclass(slots=True)
class Shift:
    """How many messages come into a box after each of the next so many lists of it."""

    count: int
    times: int


class Controls:
    """The control requests of one eDelivery."""

    def __init__(self, profiles: Profiles, messages: Messages, blobs: Blobs, notices: Notices) -> None:
        self._profiles = profiles
        self._messages = messages
        self._blobs = blobs
        self._notices = notices
        self._shifts: dict[str, Shift] = {}
        self._known: Mapping[str, Callable[[Any], Any]] = {
            "message": self._message,
            "open": self._open,
            "again": self._again,
            "shift": self._shift,
            "scan": self._scan,
            "push": self._push,
            "forge": notices.forge,
        }

    def control(self, name: str, body: Any) -> Any | None:
        """Do one of them; None where there is no such one. Raises InvalidControl."""
        known = self._known.get(name)
        return None if known is None else known(body)

    def listed(self, box: str, profile: Profile) -> None:
        """Let messages come in behind a list that was just answered."""
        shift = self._shifts.get(box)
        if shift is None or shift.times == 0:
            return
        shift.times -= 1
        other = self._profile(MUNICIPALITY)
        sender, recipient = (other, profile) if box == "inbox" else (profile, other)
        for _ in range(shift.count):
            fields = {LETTER_TEXT: "Измислено съдържание"}
            self._messages.add(
                sender,
                [recipient],
                subject="Измислено съобщение между две страници",
                template_id=LETTER,
                fields=fields,
                blob_ids=(),
            )

    def _message(self, body: Any) -> dict[str, Any]:
        """Let somebody send a message: to the hospital from the municipality, unless it says otherwise."""
        if not isinstance(body, dict) or not set(body) <= _MESSAGE:
            raise InvalidControl(f"message takes {', '.join(sorted(_MESSAGE))}")
        sender = self._profile(body.get("from", MUNICIPALITY))
        listed = body.get("to", HOSPITAL)
        recipients = [self._profile(one) for one in (listed if isinstance(listed, list) else [listed])]
        template = TEMPLATES.get(body.get("templateId", LETTER))
        if template is None:
            raise InvalidControl(f"templateId must be one of {', '.join(map(str, TEMPLATES))}")
        blobs, fields = self._files(body.get("files", []), sender), _fields(body.get("fields"))
        for field, blob in blobs:
            fields.setdefault(field, []).append(blob.blob_id)
        if not template.accepts(fields, required=False):
            raise InvalidControl("the template does not take these fields")
        content = {name: body[name] for name in ("rnu",) if name in body}
        if "sentAt" in body:
            content["sent_at"] = _moment(body["sentAt"])
        message = self._messages.add(
            sender,
            recipients,
            subject=str(body.get("subject", "Измислено съобщение")),
            template_id=template.template_id,
            fields=fields,
            blob_ids=tuple(blob.blob_id for _, blob in blobs),
            forwarded=body.get("forwarded"),
            **content,
        )
        if body.get("opened"):
            for one in recipients:
                self._messages.open(message, one.profile_id)
        self._notices.received(message)
        shown = [{"blobId": blob.blob_id, "size": blob.size, "hash": blob.hash} for _, blob in blobs]
        return {"messageId": message.message_id, "rnu": message.rnu, "blobs": shown}

    def _open(self, body: Any) -> dict[str, Any]:
        """Let recipients open a message: `{"messageId", "profileId"}`; all of them without a profile."""
        message = self._found(body)
        chosen = body.get("profileId")
        if chosen is not None and chosen not in message.recipients:
            raise InvalidControl("profileId must be one of the message's recipients")
        for number in message.recipients if chosen is None else [chosen]:
            if self._messages.open(message, number):
                self._notices.delivered(message)
        return message.shown()

    def _again(self, body: Any) -> dict[str, Any]:
        """Send a message once more, with the same RNU: `{"messageId"}`."""
        message = self._found(body)
        twin = self._messages.add(
            message.sender,
            [one.profile for one in message.recipients.values()],
            subject=message.subject,
            rnu=message.rnu,
            template_id=message.template_id,
            fields=message.fields,
            blob_ids=message.blob_ids,
            sent_by=message.sent_by,
            sent_rnu=message.sent_rnu,
        )
        self._notices.received(twin)
        return {"messageId": twin.message_id, "rnu": twin.rnu}

    def _shift(self, body: Any) -> dict[str, Any]:
        """Let messages come in while a box is paged: `{"box", "count", "times"}`."""
        box = body.get("box") if isinstance(body, dict) else None
        numbers = [body.get(name, 1) for name in ("count", "times")] if isinstance(body, dict) else []
        if box not in _BOXES or not all(type(one) is int and 0 <= one <= 1000 for one in numbers):  # noqa: PLR2004
            raise InvalidControl("shift takes box (inbox or outbox), count and times, each up to 1000")
        self._shifts[box] = Shift(*numbers)
        return {"box": box, "count": numbers[0], "times": numbers[1]}

    def _scan(self, body: Any) -> dict[str, Any]:
        """End the scan of a file now: `{"blobId", "result"}`, `never` for no end."""
        result = body.get("result") if isinstance(body, dict) else None
        blob = (
            next((one for one in self._blobs if one.blob_id == body.get("blobId")), None) if result else None
        )
        if blob is None or result not in _FINDINGS:
            raise InvalidControl(f"scan takes blobId and result, one of {', '.join(_FINDINGS)}")
        blob.finding, blob.scanned_at = _FINDINGS[result], blob.made_at
        return {"blobId": blob.blob_id, "result": result}

    def _push(self, body: Any) -> dict[str, Any]:
        """Set where a profile is notified: `{"url", "profileId"}`; null ends it. The hospital without a profile."""
        if not isinstance(body, dict) or "url" not in body:
            raise InvalidControl("push takes url (a text, or null) and profileId")
        profile = self._profile(body.get("profileId", HOSPITAL))
        if body["url"] is None:
            self._notices.urls.pop(profile.profile_id, None)
        elif isinstance(body["url"], str):
            self._notices.urls[profile.profile_id] = body["url"]
        else:
            raise InvalidControl("url must be a text, or null")
        return {"profileId": profile.profile_id, "url": body["url"]}

    def _files(self, listed: Any, sender: Profile) -> list[tuple[str, Blob]]:
        if not isinstance(listed, list):
            raise InvalidControl("files must be a list")
        return [self._file(item, number, sender) for number, item in enumerate(listed)]

    def _file(self, item: Any, number: int, sender: Profile) -> tuple[str, Blob]:
        if not isinstance(item, dict) or not isinstance(item.get("name"), str):
            raise InvalidControl("a file has name, and size (bytes that are made) or content (base64)")
        field = guid(str(item.get("field", LETTER_FILES)))
        if field is None:
            raise InvalidControl("field must be the guid of a field of files")
        blob = self._blobs.add(
            sender.profile_id,
            item["name"],
            _parts(item, number),
            storage=False,
            media_type=str(item.get("mediaType", "application/octet-stream")),
        )
        blob.in_message, blob.scanned_at = True, blob.made_at - timedelta(seconds=1)
        return field, blob

    def _found(self, body: Any) -> Message:
        number = body.get("messageId") if isinstance(body, dict) else None
        message = self._messages.get(number) if isinstance(number, int) else None
        if message is None:
            raise InvalidControl("messageId must be the number of a message")
        return message

    def _profile(self, number: Any) -> Profile:
        profile = self._profiles.get(number)
        if profile is None:
            known = ", ".join(str(one.profile_id) for one in self._profiles)
            raise InvalidControl(f"a profile must be one of {known}")
        return profile


def _parts(item: Mapping[str, Any], number: int) -> Iterable[bytes]:
    if isinstance(item.get("content"), str):
        try:
            return [base64.b64decode(item["content"], validate=True)]
        except binascii.Error as error:
            raise InvalidControl("content must be base64") from error
    size = item.get("size")
    if type(size) is not int or not 0 <= size <= _LARGEST:
        raise InvalidControl(f"size must be a number of bytes, at most {_LARGEST}")
    return generated(size, number)


def _fields(given: Any) -> dict[str, Any]:
    if given is None:
        return {}
    if not isinstance(given, dict):
        raise InvalidControl("fields must be an object of values by guid")
    named = {guid(name): value for name, value in given.items()}
    if None in named:
        raise InvalidControl("the names of fields must be guids")
    return {str(name): value for name, value in named.items()}


def _moment(text: Any) -> Any:
    try:
        return read(text)
    except (TypeError, ValueError) as error:
        raise InvalidControl("sentAt must be a date with its time") from error
