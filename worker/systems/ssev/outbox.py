"""Reading the outbox for one look-up: its pages, and each message that may be the one that is looked for.

Several requests that only read, within the bounds of the settings. They make one document: the messages of all pages
(`result`), those that were read one by one (`views`), whether the pages were all (`complete`), and whether the days
reach to the present by the system's clock (`covers_today`). Where a request is not answered as expected, its answer is
that of the look-up.
"""

from __future__ import annotations

import json
from dataclasses import field
from typing import TYPE_CHECKING, Any

from contracts.immutable import immutable
from worker.systems.port import Prepared
from worker.systems.ssev.lookup import Wanted, candidates, covers, named
from worker.systems.ssev.response import document_of, page_of
from worker.transport.port import Answer
from worker.transport.stated_time import stated_time
from worker.transport.status_classes import SUCCESSFUL

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence
    from datetime import date, datetime

    from worker.systems.ssev.addresses import Addresses
    from worker.systems.ssev.settings import LookUpSettings

    Get = Callable[[str], Awaitable[Answer]]
    """Asks for an address as the look-up's signer. Raises DeliveryError, SendRefused."""

_HEADERS: Mapping[str, str] = {"content-type": "application/json"}


@immutable
class Query:
    """What is asked for: the messages of a template that were sent on these days."""

    wanted: Wanted
    first: date
    last: date
    on_behalf: bool


@immutable
class LookUp(Prepared):
    """The first request of a look-up, with what the further ones need."""

    query: Query = field(kw_only=True)


@immutable
class _Pages:
    entries: Sequence[Mapping[str, Any]]
    complete: bool
    stated: datetime | None
    """When the first of them was answered, by the system's clock."""


class Outbox:
    """Reads the outbox by the settings' bounds."""

    def __init__(self, addresses: Addresses, settings: LookUpSettings) -> None:
        self._addresses = addresses
        self._settings = settings

    def address(self, query: Query, offset: int = 0) -> str:
        """Return the address of one page."""
        return self._addresses.of(
            "/messages/outbox",
            on_behalf=query.on_behalf,
            from_=query.first.isoformat(),
            to=query.last.isoformat(),
            templateId=query.wanted.template_id,
            offset=offset,
            limit=self._settings.page_size,
        )

    async def read(self, query: Query, get: Get) -> Answer:
        """Return what the outbox shows, as one answer. Raises what ``get`` raises."""
        pages = await self._pages(query, get)
        if isinstance(pages, Answer):
            return pages
        views: list[Any] = []
        for one in self._to_compare(query, pages)[: self._settings.most_views]:
            answer = await get(self._addresses.of(f"/messages/{one}/view"))
            if (document := _document(answer)) is None:
                return answer
            views.append(document)
        body = {
            "result": list(pages.entries),
            "views": views,
            "complete": pages.complete,
            "covers_today": covers(query.last, pages.stated, query.wanted.since.zone),
        }
        return Answer(200, _HEADERS, json.dumps(body, ensure_ascii=False).encode())

    def _to_compare(self, query: Query, pages: _Pages) -> list[int]:
        """Return the messages to read: the interface has no way to read one that was sent on behalf of another."""
        if query.on_behalf or named(query.wanted, pages.entries):
            return []
        return candidates(query.wanted, pages.entries, self._settings.sent_rnu)

    async def _pages(self, query: Query, get: Get) -> _Pages | Answer:
        entries: list[Mapping[str, Any]] = []
        stated: datetime | None = None
        for _ in range(self._settings.most_pages):
            answer = await get(self.address(query, len(entries)))
            document = _document(answer)
            page = None if document is None else page_of(document)
            if page is None:
                return answer
            stated = stated or stated_time(answer)
            entries.extend(page.entries)
            if not page.entries or (page.total is not None and len(entries) >= page.total):
                return _Pages(entries, complete=True, stated=stated)
            if page.total is None and len(page.entries) < self._settings.page_size:
                return _Pages(entries, complete=True, stated=stated)
        return _Pages(entries, complete=False, stated=stated)


def _document(answer: Answer) -> object | None:
    return document_of(answer) if answer.status in SUCCESSFUL else None
