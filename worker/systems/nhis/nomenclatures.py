"""Pulling the code lists of NHIS: nomenclatures (C001, C002) and vaccine lots (C003, C004).

Neither request carries a signature or, unless the settings name a signer for C003, a token; for C003 that is inferred.
"""

from __future__ import annotations

import asyncio
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from contracts.immutable import immutable
from contracts.nhis.codes import VACCINE_LOTS, lot_code
from worker.outcome import Accepted, Blocked, Outcome, Rejected, Retry, Unknown
from worker.systems.nhis import request
from worker.systems.nhis.auth import xml_headers
from worker.systems.nhis.interpret import Expected, Rules, interpret
from worker.systems.nhis.settings import Sender
from worker.systems.port import CodeList, Pulled, Refused
from worker.systems.tokens import bearer
from worker.transport.port import DeliveryError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence
    from datetime import datetime

    from worker.systems.nhis.response import Reader
    from worker.systems.nhis.settings import NhisSettings
    from worker.systems.tokens import Granted
    from worker.transport.port import HttpClient
    from worker.xml.builder import Values
    from worker.xml.message import MessageSchema
    from worker.xml.node import Node

LIST_NAMES = MappingProxyType(
    {
        "CL001": "gender",
        "CL004": "identifier types",
        "CL005": "countries",
        "CL006": "medical specialties",
        "CL011": "diagnoses, ICD-10",
        "CL018": "sender types",
        "CL023": "performer roles",
        "CL029": "health insurance areas",
        "CL035": "units",
        "CL037": "vaccines",
        "CL038": "planned immunizations",
        "CL039": "immunization status",
        "CL040": "actions on the suspected medicine",
        "CL041": "counties",
        "CL042": "social groups",
        "CL043": "immunization status of a person",
        "CL044": "settlements, EKATTE",
        "CL045": "body sites",
        "CL046": "routes of administration",
        "CL082": "immunization programmes",
        "CL090": "adverse reactions: effect",
        "CL091": "adverse reactions: outcome",
        "CL092": "adverse reactions: dependency",
        "CL093": "adverse reactions: relation",
        VACCINE_LOTS: "vaccine lots",
    }
)
"""The subjects of the lists in English, as document D2 names them, for people who read a refusal."""

VACCINES = "CL037"
MOST_PARTS = 1_000_000
"""Tags and attributes of the largest list: CL011 has 39,000 entries of twelve, with one meta each."""
_DEFAULT_SENDER = Sender(uin="0000000001", sender_type=4)
"""The sender of C001 where no sender is configured: the one that NHIS's own vendor sends."""


@immutable
class _Question:
    """One request for one list."""

    list_id: str
    request: str
    contents: Values
    url: str
    answer: str
    read: Reader


class Nomenclatures:
    """The client of the nomenclature services. ``schemas`` holds those of C001 and C003."""

    def __init__(
        self,
        settings: NhisSettings,
        *,
        schemas: Mapping[str, MessageSchema],
        client: HttpClient,
        now: Callable[[], datetime],
        new_id: Callable[[], str],
        token: Callable[[], Awaitable[Granted | Retry | Blocked]] | None = None,
        pace: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        """``token`` gets one for C003, where it is sent with one. ``pace`` is awaited between two requests."""
        self._token = token
        self._pace = pace
        self._settings = settings
        self._schemas = schemas
        self._client = client
        self._now = now
        self._new_id = new_id
        self._headers = xml_headers(settings.content_type)

    async def pull(self, list_ids: Sequence[str] | None = None) -> Pulled:
        """Get these lists (by default those of the settings, and the vaccine lots), one request each.

        One request each, because an answer is bounded in size, and because a list that NHIS does not
        know must not fail the others. Ids may be given in any case of letters; NHIS has capitals.
        """
        asked = (*self._settings.nomenclatures, VACCINE_LOTS) if list_ids is None else list_ids
        wanted = tuple(list_id.upper() for list_id in asked)
        lists: list[CodeList] = []
        problems: list[str] = []
        for number, list_id in enumerate(wanted):
            if number and self._pace is not None:
                await self._pace()
            got = await (self._lots(lists) if list_id == VACCINE_LOTS else self._list(list_id))
            if isinstance(got, CodeList):
                lists.append(got)
            else:
                problems.append(f"{list_id} ({LIST_NAMES.get(list_id, 'unknown here')}): {got}")
        return Pulled(tuple(lists), tuple(problems))

    async def _list(self, list_id: str) -> CodeList | str:
        url = self._settings.url(self._settings.paths.nomenclatures)
        contents = {"nomenclatureId": [list_id]}
        return await self._ask(_Question(list_id, "C001", contents, url, "C002", _entries_of(list_id)))

    async def _lots(self, pulled: Sequence[CodeList]) -> CodeList | str:
        """Ask for the lots of every vaccine just pulled; without that list, for all lots."""
        granted = await self._token() if self._token is not None else None
        if isinstance(granted, Retry | Blocked):
            return granted.detail
        more = bearer(granted.token) if granted else {}
        vaccines = [code for one in pulled if one.id == VACCINES for code in one.codes]
        url = self._settings.url(self._settings.paths.vaccine_lots)
        contents = {"vaccineCode": vaccines}
        return await self._ask(_Question(VACCINE_LOTS, "C003", contents, url, "C004", _lots_in), more)

    async def _ask(
        self, question: _Question, more: Mapping[str, str] = MappingProxyType({})
    ) -> CodeList | str:
        message_id = self._new_id()
        try:
            content = self._message(question.request, message_id, question.contents)
            got = await self._client.request(
                "POST", question.url, headers={**self._headers, **more}, content=content
            )
        except Refused as refused:
            return "; ".join(problem.message for problem in refused.problems)
        except DeliveryError as error:
            return str(error)
        expected = Expected(
            message_id, question.answer, question.read, signed_by=lambda: "nobody", max_parts=MOST_PARTS
        )
        # In a thread: a list of tens of thousands of codes takes seconds, and a worker has submissions beside it.
        outcome = await asyncio.to_thread(interpret, expected, got, self._rules(question.answer), self._now())
        if not isinstance(outcome, Accepted):
            return _told(outcome)
        name = LIST_NAMES.get(question.list_id, question.list_id)
        return CodeList(question.list_id, name, self._now(), outcome.data)

    def _message(self, type_: str, message_id: str, contents: Values) -> bytes:
        sender = next(iter(self._settings.senders.values()), _DEFAULT_SENDER)
        header = request.header(self._settings, sender, type_, message_id, self._now())
        return request.unsigned(
            request.build(self._schemas[type_], request.written({"header": header, "contents": contents}), ())
        )

    def _rules(self, answer: str) -> Rules:
        return Rules(
            not_processed=self._settings.not_processed_statuses,
            general_errors=self._settings.general_errors,
            names=self._settings.element_names.get(answer, {}),
        )


def _entries_of(list_id: str) -> Reader:
    def read(contents: Node) -> Mapping[str, Any] | None:
        """Read C002. An empty list is refused: if it were stored, every code would be refused."""
        codes: dict[str, Mapping[str, str]] = {}
        for nomenclature in contents.children("nomenclature"):
            if nomenclature.value("nomenclatureId") == list_id:
                for entry in nomenclature.children("entry"):
                    # A key may stand for several entries (CL038); the first one's description is kept.
                    codes.setdefault(entry.value("key") or "", _described(entry))
        codes.pop("", None)
        return codes or None

    return read


def _described(entry: Node) -> dict[str, str]:
    described = {"description": entry.value("description") or ""}
    for meta in entry.children("meta"):
        described[meta.value("name") or ""] = meta.value("value") or ""
    return described


def _lots_in(contents: Node) -> Mapping[str, Any] | None:
    codes: dict[str, Mapping[str, str]] = {}
    for lot in contents.children("vaccineLot"):
        vaccine, number = lot.value("vaccineCode"), lot.value("lotNumber")
        if vaccine and number:
            described = {
                "vaccineCode": vaccine,
                "lotNumber": number,
                "expirationDate": lot.value("expirationDate") or "",
            }
            codes[lot_code(vaccine, number)] = described
    return codes or None


def _told(outcome: Outcome) -> str:
    match outcome:
        case Retry(detail=detail) | Unknown(detail=detail) | Blocked(detail=detail):
            return detail
        case Rejected(errors=errors):
            return "NHIS refused: " + "; ".join(error.reason or error.type or "-" for error in errors)
        case _:
            return "NHIS refused"
