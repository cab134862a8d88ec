"""From an opened message of eDelivery to the notification that a request for a service arrived; None for any other.

No request is lost: one that cannot be read is published too, with what is wrong and where its bytes are. Pure.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from contracts.attributes import MAX_RNU
from contracts.eforms.notifications import (
    AttachedDocument,
    RecognisedBy,
    RequestProblem,
    RequestReceived,
    ServiceRequest,
)
from worker.notice import Notice
from worker.systems.eforms.judge import breaches
from worker.systems.eforms.read import request_of
from worker.systems.eforms.recognise import Found, is_xml, request_in, sources
from worker.systems.eforms.spelling import correct

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from contracts.files import FileReference
    from worker.systems.eforms.schemas import Schemas
    from worker.systems.eforms.settings import Requests
    from worker.systems.ssev.opened import OpenedMessage

EVENT_TYPE = "eforms.request.received.v1"
MOST_PROBLEMS = 100
"""The most problems of one request that a notification lists."""
_FEW_PROBLEMS = 5
NOTHING_FOUND = "no XML with a request was found in the message"
NOT_FETCHED = "files of the message were not fetched, so that they could not be searched for a request"
NOT_READ = "an XML file of the message is too large to be searched for a request"
SEVERAL = "the message holds several requests; only the first is here"
TOO_LARGE = "the request is too large for a notification: read it from its file"
TOO_LARGE_WITH_FILES = (
    "the notification would be too large: read the files from the reply to the event that opened it"
)
SPECIFIC_TOO_LARGE = "specificContent is too large for a notification: read it from the file of the request"


class RequestReader:
    """Makes the notification of a request. For one thread at a time, as its schema is."""

    def __init__(self, rules: Requests, schemas: Schemas, largest: int) -> None:
        """``largest`` bounds a notification, in bytes: what is larger stays in the files of the message."""
        self._rules = rules
        self._schemas = schemas
        self._largest = largest

    def notice_of(self, message: OpenedMessage) -> Notice | None:
        """Return the notification, or None for a message that is no request. Total: see `ssev.opened.Recognise`."""
        by_template = message.template_id in self._rules.template_ids
        found = [one for source in sources(message) if (one := request_in(source))]
        if not found and not by_template:
            return None
        first = next((one for one in found if one.root is not None), found[0] if found else None)
        request, problems = self._read(first)
        problems += self._of_message(message, found)
        received = _received(message, first, request, problems, by_template=by_template)
        return self._bounded(received, message)

    def _read(self, found: Found | None) -> tuple[ServiceRequest | None, list[RequestProblem]]:
        if found is None:
            return None, [RequestProblem(path="", rule=NOTHING_FOUND)]
        if found.root is None:
            return None, [RequestProblem(path="", rule=found.refused or NOTHING_FOUND)]
        corrected = correct(found.root, self._schemas.names)
        request, problems = self._without_large(request_of(found.root))
        return request, [*corrected, *problems, *breaches(found.root, self._schemas.request)]

    def _without_large(self, request: ServiceRequest) -> tuple[ServiceRequest, list[RequestProblem]]:
        specific = request.specific_content
        if specific is None or len(specific.encode()) <= self._rules.max_specific_content_bytes:
            return request, []
        path = "/ServiceRequest/specificContent"
        return request.model_copy(update={"specific_content": None}), [
            RequestProblem(path=path, rule=SPECIFIC_TOO_LARGE)
        ]

    def _of_message(self, message: OpenedMessage, found: Sequence[Found]) -> list[RequestProblem]:
        """Return what is wrong with the message around the request."""
        rules = []
        if len(found) > 1:
            rules.append(SEVERAL)
        if not found and any(one.reference is None for one in message.files):
            rules.append(NOT_FETCHED)
        if any(one.reference is not None and one.content is None and is_xml(one) for one in message.files):
            rules.append(NOT_READ)
        return [RequestProblem(path="", rule=rule) for rule in rules]

    def _bounded(self, received: RequestReceived, message: OpenedMessage) -> Notice:
        """Return the notice, without what would make it too large: first the request, last the list of files."""
        number = _number(message, received.request)
        data = next(
            (one for one in map(_plain, _ever_smaller(received)) if _bytes(one) <= self._largest),
            _plain(_least(received)),
        )
        return Notice(key=f"message:{message.message_id}", type=EVENT_TYPE, data=data, rnu=number)


def _ever_smaller(received: RequestReceived) -> Iterator[RequestReceived]:
    yield received
    without = received.model_copy(update={"request": None})
    yield _with_problem(without, TOO_LARGE, MOST_PROBLEMS)
    yield _with_problem(without, TOO_LARGE, _FEW_PROBLEMS)


def _least(received: RequestReceived) -> RequestReceived:
    without = received.model_copy(update={"request": None, "files": (), "request_file": None})
    return _with_problem(without, TOO_LARGE_WITH_FILES, _FEW_PROBLEMS)


def _with_problem(received: RequestReceived, rule: str, most: int) -> RequestReceived:
    """Return the notification with this problem before the first others, ``most`` together."""
    problems = (RequestProblem(path="", rule=rule), *received.problems)
    further = received.further_problems + max(0, len(problems) - most)
    return received.model_copy(update={"problems": problems[:most], "further_problems": further})


def _bytes(data: Mapping[str, object]) -> int:
    return len(json.dumps(data, ensure_ascii=False).encode())


def _received(
    message: OpenedMessage,
    found: Found | None,
    request: ServiceRequest | None,
    problems: Sequence[RequestProblem],
    *,
    by_template: bool,
) -> RequestReceived:
    files = tuple(one.reference for one in message.files if one.reference is not None)
    source = None if found is None else found.source
    return RequestReceived(
        message_id=message.message_id,
        template_id=message.template_id,
        subject=message.subject,
        sender=message.sender_name,
        recognised_by=RecognisedBy.TEMPLATE if by_template else RecognisedBy.ROOT_ELEMENT,
        request=None if request is None else _with_files(request, files),
        request_file=None if source is None else source.file,
        request_field=None if source is None else source.field_id,
        files=files,
        problems=tuple(problems[:MOST_PROBLEMS]),
        further_problems=max(0, len(problems) - MOST_PROBLEMS),
    )


def _with_files(request: ServiceRequest, files: Sequence[FileReference]) -> ServiceRequest:
    """Return the request with the files that came under the names of its documents (inferred)."""
    named: dict[str, list[FileReference]] = {}
    for one in files:
        named.setdefault((one.name or "").casefold(), []).append(one)

    def with_file(document: AttachedDocument) -> AttachedDocument:
        fitting = named.get((document.identifier or "").casefold(), []) if document.identifier else []
        return document.model_copy(update={"file": fitting[0]}) if len(fitting) == 1 else document

    return request.model_copy(
        update={"attached_documents": tuple(map(with_file, request.attached_documents))}
    )


def _number(message: OpenedMessage, request: ServiceRequest | None) -> str | None:
    """Return the reference number: the message's, else the request's own, where it can be one."""
    stated = request.request_uri if request else None
    for number in (message.rnu, stated.identifier if stated else None):
        if number and len(number) <= MAX_RNU and number.isprintable():
            return number
    return None


def _plain(received: RequestReceived) -> dict[str, object]:
    """Return the data as JSON has it, without what is absent."""
    return received.model_dump(mode="json", by_alias=True, exclude_defaults=True)
