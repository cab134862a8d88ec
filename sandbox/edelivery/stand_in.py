"""eDelivery as a back-end of the gateway."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from sandbox.edelivery.access import caller_of
from sandbox.edelivery.answers import JSON, Refused, refusal
from sandbox.edelivery.blobs import Blobs
from sandbox.edelivery.boxes import Page
from sandbox.edelivery.controls import Controls
from sandbox.edelivery.correspondence import Correspondence
from sandbox.edelivery.files import Files
from sandbox.edelivery.messages import Messages
from sandbox.edelivery.notices import Notices
from sandbox.edelivery.people import Profiles
from sandbox.edelivery.registers import Registers
from sandbox.edelivery.routes import find
from sandbox.edelivery.sending import Sending
from sandbox.edelivery.variants import Variants
from sandbox.stand_in import Answer

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime
    from pathlib import Path

    from sandbox.edelivery.people import Profile
    from sandbox.edelivery.routes import Found
    from sandbox.esb.backend import Call

UPLOADS = ("/ed2/upload/blobs", "/ed2/upload/obo/blobs")
"""The addresses whose bodies go to a file."""
_NOT_FOUND = 404
_OTHER_ID = 999_999


class EDelivery:
    """The back-end at /ed2. ``directory`` is where files are kept."""

    prefix, scope = "/ed2", "/ed2*"
    traits: tuple[str, ...] = ("messageId", "blobId", "rnu")

    def __init__(self, directory: Path, now: Callable[[], datetime]) -> None:
        self._directory = directory
        self._now = now
        self.files = Files(lambda: self.blobs, lambda: self.variants, now)
        self.blobs = Blobs(directory, lambda: self.variants, now)
        self.reset()

    def reset(self) -> None:
        """Go back to the start; files are deleted."""
        self.blobs.forget()
        self.variants = Variants()
        self.blobs = Blobs(self._directory, lambda: self.variants, self._now)
        self.profiles, self.messages = Profiles(), Messages(self._now)
        self.notices = Notices(lambda: self.variants, self._now)
        self._registers = Registers(self.profiles, self._now)
        sending = Sending(self.profiles, self.blobs, self.messages, lambda: self.variants)
        self._controls = Controls(self.profiles, self.messages, self.blobs, self.notices)
        self._correspondence = Correspondence(
            self.messages,
            sending,
            self.files,
            self.blobs,
            self.notices,
            variants=lambda: self.variants,
            after_list=self._controls.listed,
        )

    def operation(self, method: str, path: str) -> str | None:
        """Return the operation of an address."""
        found = find(method, path)
        return None if found is None else found.name

    def traits_of(self, call: Call) -> Mapping[str, str | None]:
        """Return the numbers in the path, and the RNU of a message that is sent."""
        found = find(call.method, call.path)
        numbers = {} if found is None else found.numbers
        rnu = _rnu(call) if found is not None and found.operation == "messages.send" else None
        own = {name: str(numbers[name]) if name in numbers else None for name in ("messageId", "blobId")}
        return {**own, "rnu": rnu}

    def answer(self, call: Call) -> Answer:
        """Do what the call asks for."""
        found = find(call.method, call.path)
        if found is None:
            return self.failed(_NOT_FOUND)
        try:
            caller = caller_of(call.miscinfo, self.profiles)
            return self._done(call, found, caller.own, caller.acting(on_behalf=found.on_behalf))
        except Refused as refused:
            return refusal(refused)

    def failed(self, status: int) -> Answer:
        """Return an error of this status as ASP.NET states it."""
        return refusal(Refused(status))

    def altered(self, answer: Answer) -> Answer:
        """Return the answer with the number of another message or file."""
        try:
            content = json.loads(answer.body)
        except ValueError:
            return answer
        if isinstance(content, int):
            content = _OTHER_ID
        elif isinstance(content, dict):
            content |= {name: _OTHER_ID for name in ("messageId", "blobId", "profileId") if name in content}
        return Answer(answer.status, json.dumps(content).encode(), JSON, kind=answer.kind)

    def ledger(self) -> Mapping[str, Any]:
        """Return messages, files, downloads, registrations and notifications."""
        now = self._now()
        return {
            "messages": [one.shown() for one in self.messages],
            "blobs": [one.shown(now) for one in self.blobs],
            "downloads": self.blobs.downloads,
            "registrations": self._registers.registrations,
            "notifications": [one.shown() for one in self.notices.all],
        }

    def control(self, name: str, body: Any) -> Any | None:
        """Change the variants, or do what the page of this sandbox describes. Raises InvalidControl."""
        if name == "variants":
            self.variants = self.variants.changed(body)
            return self.variants.shown()
        return self._controls.control(name, body)

    def _done(self, call: Call, found: Found, own: Profile, acting: Profile) -> Answer:
        registers, files, messages = self._registers, self.files, self._correspondence
        numbers = found.numbers
        handlers: Mapping[str, Callable[[], Answer]] = {
            "profiles.list": lambda: registers.in_group(call, own),
            "profiles.search": lambda: registers.search(call, own),
            "profiles.check": lambda: registers.check(call),
            "profiles.register-passive": lambda: registers.register_passive(call, own),
            "profiles.read": lambda: registers.read(numbers["profileId"]),
            "target-groups.list": registers.groups,
            "countries.list": lambda: registers.countries(call),
            "templates.list": registers.templates,
            "templates.read": lambda: registers.template(numbers["templateId"]),
            "blobs.list": lambda: files.stored(acting, Page.read(call.query)),
            "blobs.read": lambda: files.read(acting, numbers["blobId"]),
            "blobs.delete": lambda: files.delete(acting, numbers["blobId"]),
            "blobs.upload": lambda: files.upload(call, acting),
            "messages.inbox": lambda: messages.inbox(call, acting),
            "messages.outbox": lambda: messages.outbox(call, acting),
            "messages.send": lambda: messages.send(call, own, acting),
            "messages.open": lambda: messages.open(acting, numbers["messageId"]),
            "messages.view": lambda: messages.view(acting, numbers["messageId"]),
            "messages.open-forwarded": lambda: messages.open_forwarded(
                acting, numbers["messageId"], numbers["forwardedMessageId"]
            ),
        }
        return handlers[found.operation]()


def _rnu(call: Call) -> str | None:
    try:
        content = call.json()
    except ValueError:
        return None
    rnu = content.get("rnu") if isinstance(content, dict) else None
    return rnu if isinstance(rnu, str) else None
