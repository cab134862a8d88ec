"""Looks into the inboxes of the settings: bounded requests that only list."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from contracts.reasons import Reason
from worker.outcome import Accepted, Retry
from worker.systems.edelivery import inbox
from worker.systems.news import LookFailed, Seen, Watch
from worker.systems.port import NotPrepared, Prepared, Refused
from worker.systems.ssev.requests import ACCEPT
from worker.systems.ssev.response import Page, document_of, page_of
from worker.transport.port import DeliveryError
from worker.transport.stated_time import stated_time

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from worker.notice import Notice
    from worker.outcome import Outcome
    from worker.systems.edelivery.inbox import Cursor
    from worker.systems.edelivery.settings import EdeliverySettings, InboxWatch
    from worker.systems.esb.port import Esb
    from worker.systems.ssev.access import Access
    from worker.transport.port import Answer


class Looking:
    """`LooksForNews` for the inboxes of the settings."""

    def __init__(self, settings: EdeliverySettings, access: Access, esb: Esb) -> None:
        self._watches = settings.watches
        self._settings = settings.inbox
        self._scope = settings.scope
        self._zone = ZoneInfo(settings.time_zone)
        self._access = access
        self._esb = esb

    def watches(self) -> Sequence[Watch]:
        """Return the inboxes of the settings."""
        return [Watch(name, one.signer, one.seconds) for name, one in self._watches.items()]

    async def look(self, watch: Watch, cursor: str | None) -> Seen:
        """Read the next pages of an inbox. Raises LookFailed."""
        today = self._access.now().astimezone(self._zone).date()
        at = inbox.cursor_of(cursor, today, self._settings)
        inside, more = self._watches[watch.name], True
        notices: list[Notice] = []
        for _ in range(self._settings.pages_per_look):
            page, stated = await self._page(inside, at)
            notices.extend(inbox.notices_of(watch.name, inside, page))
            if stated is not None and inbox.begins_too_late(at, stated, is_first=cursor is None):
                at = inbox.cursor_of(None, stated, self._settings)
                continue
            at = at if stated is None else inbox.by_both_clocks(at, stated)
            at, more = inbox.after(at, page, self._settings)
            if not more:
                break
        return Seen(_distinct(notices), at.text(), more)

    async def _page(self, watch: InboxWatch, at: Cursor) -> tuple[Page, date | None]:
        """Return a page, and the day on which the system answered, where it states that. Raises LookFailed."""
        url = self._access.addresses.of(
            "/messages/inbox",
            on_behalf=watch.on_behalf_of is not None,
            from_=at.first,
            templateId=watch.template_id,
            offset=at.offset,
            limit=self._settings.page_size,
        )
        prepared = await self._prepared(watch, url)
        answer = await self._answer(prepared)
        outcome = self._access.read(_listed, answer)
        if isinstance(outcome, Retry) and outcome.reauthorize:
            self._esb.drop(prepared)
        page = page_of(document_of(answer)) if isinstance(outcome, Accepted) else None
        if page is None:
            raise _failed(outcome)
        stated = stated_time(answer)
        return page, stated and stated.astimezone(self._zone).date()

    async def _prepared(self, watch: InboxWatch, url: str) -> Prepared:
        """Return the request with its token. Raises LookFailed."""
        try:
            acting = self._access.acting(watch.signer, watch.on_behalf_of)
            secret = await self._esb.authorisation(watch.signer, self._scope, acting)
        except Refused as refused:
            raise LookFailed(refused.reason, refused.problems[0].message) from None
        except NotPrepared as unsent:
            raise _failed(unsent.outcome) from None
        return Prepared("inbox.list", watch.signer, "", "", url, b"", ACCEPT, secret, method="GET")

    async def _answer(self, prepared: Prepared) -> Answer:
        headers = {**prepared.headers, **prepared.secret_headers}
        try:
            return await self._esb.client(prepared.signer).request(
                "GET", prepared.url, headers=headers, reuse=False
            )
        except DeliveryError as error:
            raise LookFailed(error.reason, str(error)) from None


def _listed(document: object) -> Outcome | None:
    return None if page_of(document) is None else Accepted({})


def _failed(outcome: Outcome) -> LookFailed:
    reason = getattr(outcome, "reason", Reason.UNEXPECTED_MESSAGE)
    detail = getattr(outcome, "detail", "the system refuses to list the inbox")
    return LookFailed(reason, detail, delay=getattr(outcome, "delay", None))


def _distinct(notices: Sequence[Notice]) -> tuple[Notice, ...]:
    """Return each notice once: pages overlap."""
    return tuple({one.key: one for one in notices}.values())
