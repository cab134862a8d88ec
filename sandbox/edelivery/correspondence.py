"""The operations on messages: send, the two boxes, open, view."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.edelivery.answers import Refused, answered
from sandbox.edelivery.boxes import Filter, Page, received_order, sent_order
from sandbox.edelivery.templates import TEMPLATES
from sandbox.edelivery.times import written

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from sandbox.edelivery.blobs import Blobs
    from sandbox.edelivery.files import Files
    from sandbox.edelivery.messages import Message, Messages
    from sandbox.edelivery.notices import Notices
    from sandbox.edelivery.people import Profile
    from sandbox.edelivery.sending import Sending
    from sandbox.edelivery.variants import Variants
    from sandbox.esb.backend import Call
    from sandbox.stand_in import Answer

_FORBIDDEN, _ERROR = 403, 500
_PORTAL = "https://edelivery.invalid/Messages"


class Correspondence:
    """What a profile does with messages. ``after_list`` is called when a box was listed, with its name."""

    def __init__(
        self,
        messages: Messages,
        sending: Sending,
        files: Files,
        blobs: Blobs,
        notices: Notices,
        *,
        variants: Callable[[], Variants],
        after_list: Callable[[str, Profile], None],
    ) -> None:
        self._messages = messages
        self._sending = sending
        self._files = files
        self._blobs = blobs
        self._notices = notices
        self._variants = variants
        self._after_list = after_list

    def send(self, call: Call, own: Profile, acting: Profile) -> Answer:
        """Send a message; the answer is its number. Raises Refused."""
        try:
            content = call.json()
        except ValueError as error:
            raise Refused(_ERROR) from error
        message = self._sending.send(content, own, acting)
        self._notices.received(message)
        return answered(message.message_id, "sent")

    def inbox(self, call: Call, acting: Profile) -> Answer:
        """List what was received. Raises Refused (400)."""
        found = Filter.read(call.query).of(self._messages.received_by(acting.profile_id))
        ordered = received_order(found, acting.profile_id)
        answer = self._page(call, ordered, lambda one: self._received(one, acting.profile_id))
        self._after_list("inbox", acting)
        return answer

    def outbox(self, call: Call, acting: Profile) -> Answer:
        """List what was sent. Raises Refused (400)."""
        found = Filter.read(call.query).of(self._messages.sent_by(acting.profile_id))
        answer = self._page(call, sent_order(found), self._sent)
        self._after_list("outbox", acting)
        return answer

    def open(self, acting: Profile, message_id: int) -> Answer:
        """Open a received message: the first time is its receipt. Raises Refused (403)."""
        message = self._messages.get(message_id)
        if message is None or acting.profile_id not in message.recipients:
            raise Refused(_FORBIDDEN)
        if self._messages.open(message, acting.profile_id):
            self._notices.delivered(message)
        return answered(self._opened(message, acting.profile_id), "opened")

    def open_forwarded(self, acting: Profile, message_id: int, forwarded_id: int) -> Answer:
        """Look at a message that was forwarded in a received one. Raises Refused (403, 500)."""
        outer, inner = self._messages.get(message_id), self._messages.get(forwarded_id)
        if (
            outer is None
            or inner is None
            or acting.profile_id not in outer.recipients
            or outer.forwarded != forwarded_id
        ):
            raise Refused(_FORBIDDEN)
        first = next(iter(inner.recipients.values()))
        if first.opened_at is None:
            raise Refused(_ERROR)  # the source cannot show one that nobody has opened
        content = self._opened(inner, first.profile.profile_id)
        return answered({**content, "forwardedMessageId": None}, "opened")

    def view(self, acting: Profile, message_id: int) -> Answer:
        """Look at a sent message, and when each recipient received it. Raises Refused (403)."""
        message = self._messages.get(message_id)
        if message is None or message.sender.profile_id != acting.profile_id:
            raise Refused(_FORBIDDEN)
        recipients = [
            {"profileId": number, "name": one.profile.name, "dateReceived": self._time(one.opened_at)}
            for number, one in message.recipients.items()
        ]
        return answered({**self._common(message), "recipients": recipients, **self._content(message)})

    def _page(self, call: Call, found: list[Message], shown: Callable[[Message], dict[str, Any]]) -> Answer:
        page = Page.read(call.query)
        return answered({"result": [shown(one) for one in page.of(found)], "length": len(found)})

    def _common(self, message: Message) -> dict[str, Any]:
        return {
            "messageId": message.message_id,
            "dateSent": self._time(message.sent_at),
            "subject": message.subject,
            "rnu": message.rnu,
            "templateId": message.template_id,
        }

    def _listed(self, message: Message, verb: str) -> dict[str, Any]:
        sender = message.sent_by or message.sender
        return {
            **self._common(message),
            "senderProfileName": message.sender.name,
            "senderLoginName": sender.login_name,
            "url": f"{_PORTAL}/{verb}/{message.message_id}",
        }

    def _received(self, message: Message, profile_id: int) -> dict[str, Any]:
        receipt = message.recipients[profile_id]
        opened = receipt.opened_at
        return {
            **self._listed(message, "Open"),
            "dateReceived": self._time(opened),
            "recipientProfileName": receipt.profile.name,
            "recipientLoginName": "" if opened is None else receipt.profile.login_name,
        }

    def _sent(self, message: Message) -> dict[str, Any]:
        names = ", ".join(one.profile.name for one in message.recipients.values())
        return {**self._listed(message, "View"), "recipients": names}

    def _opened(self, message: Message, profile_id: int) -> dict[str, Any]:
        receipt = message.recipients[profile_id]
        login = {"loginId": receipt.profile.login_id, "name": receipt.profile.login_name}
        return {
            **self._common(message),
            "sender": {"profileId": message.sender.profile_id, "name": message.sender.name},
            "dateReceived": self._time(receipt.opened_at),
            "recipientLogin": login,
            **self._content(message),
        }

    def _content(self, message: Message) -> dict[str, Any]:
        template = TEMPLATES[message.template_id]
        fields: dict[str, Any] = {}
        for name, value in message.fields.items():
            component = template.component(name)
            is_file = component is not None and component.type == "file"
            fields[name] = self._described(value) if is_file else ("" if value is None else value)
        return {"fields": fields, "forwardedMessageId": message.forwarded}

    def _described(self, numbers: list[int] | None) -> list[dict[str, Any]]:
        blobs = {one.blob_id: one for one in self._blobs}
        return [self._files.described(blobs[number], of_message=True) for number in numbers or []]

    def _time(self, moment: datetime | None) -> str | None:
        return None if moment is None else written(moment, offset=self._variants().dates == "offset")
