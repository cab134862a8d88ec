"""The system's calls: which of them are authentic, and the notices that they make.

A call is signed by the HMAC of its client. Calls for some types of obligation have none (algorithm 1 of the public
server): they are refused, unless the operator has named the networks that they come from. Such a call is a hint alone:
the notice says what the system itself states when it is asked. Over the state's ESB a client has no secret, and whose
secret a call is signed with is unknown: a call whose HMAC nobody here can check counts as one without.
"""

from __future__ import annotations

import ipaddress
import json
from typing import TYPE_CHECKING

from contracts.epayment.events import NOTIFICATIONS
from contracts.epayment.notifications import ConfirmedBy
from worker.notice import Notice
from worker.outcome import Accepted, Blocked, Outcome, Rejected
from worker.systems.calls import Call, CallAnswer, CallRefused, CallUnverified, Received
from worker.systems.epayment.credentials import Credentials
from worker.systems.epayment.form import Form, Statement, read_form, statements_of
from worker.systems.epayment.response import status_of, time_key

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
    from typing import Any

    from worker.systems.epayment.credentials import Secrets
    from worker.systems.epayment.settings import EpaymentSettings

    Ask = Callable[[str, Sequence[str]], Awaitable[Outcome]]

_TYPE = NOTIFICATIONS[0].event_type
_NOBODY = Credentials("", "no client has this secret")
"""A call of an unknown client takes as long as one of a known client with a wrong HMAC."""
_NOT_AUTHENTIC = CallRefused(401, "the call's HMAC is not that of its client, or the client is unknown")
_UNSIGNED = CallRefused(401, "the call has no HMAC, and the settings take none without it from its address")
_NOT_OURS = CallRefused(
    401, "the call has no HMAC, and the system does not show its payment requests to its client"
)


class Callbacks:
    """Reads the system's calls. ``ask`` asks as a signer for the statuses of payment requests; it raises nothing.

    ``asked_by`` returns the signer that asks about the calls of a client, None for a client that is not ours;
    ``most_asked`` is how many payment requests one such call may state.
    """

    def __init__(
        self,
        settings: EpaymentSettings,
        secrets: Secrets,
        ask: Ask,
        *,
        asked_by: Callable[[str], str | None],
        most_asked: int,
    ) -> None:
        self._settings = settings
        self._secrets = secrets
        self._ask = ask
        self._asked_by = asked_by
        self._most_asked = most_asked

    async def receive(self, call: Call) -> Received:
        """Authenticate the call, and read it. Total; asks the system only about calls without HMAC."""
        if call.path:
            return CallRefused(404, "there is nothing at this path")
        if call.method != "POST":
            return CallRefused(405, "calls are made by POST")
        form = read_form(call)
        if isinstance(form, CallRefused):
            return form
        if form.signature is None or not self._can_check(form.client_id):
            return await self._unsigned(form, call.peer)
        return self._signed(form, form.signature)

    def _signed(self, form: Form, signature: str) -> Received:
        found = self._secrets.of_client(form.client_id)
        signer, credentials = found or ("", _NOBODY)
        authentic = credentials.signed(form.data, signature)
        if found is None and self._is_unusable(form.client_id):
            return CallUnverified(
                "the secret of the call's client cannot be read; `herald check` states the reason"
            )
        if found is None or not authentic:
            return _NOT_AUTHENTIC
        stated = statements_of(form.data)
        if isinstance(stated, CallRefused):
            return stated
        return _distinct(_notice(one, signer, ConfirmedBy.SIGNATURE) for one in stated)

    async def _unsigned(self, form: Form, peer: str) -> Received:
        if not _is_within(peer, self._settings.unsigned_callback_networks):
            return _UNSIGNED
        signer = self._asked_by(form.client_id)
        if signer is None:
            return _NOT_AUTHENTIC
        stated = statements_of(form.data)
        if isinstance(stated, CallRefused):
            return stated
        return await self._confirmed(signer, stated) if stated else ()

    async def _confirmed(self, signer: str, stated: Sequence[Statement]) -> Received:
        """Ask the system, and make notices of what it states itself."""
        ids = list(dict.fromkeys(one.payment_id for one in stated))
        if len(ids) > self._most_asked:
            most = f"a call without HMAC states more than {self._most_asked} payment requests"
            return CallRefused(400, most)
        outcome = await self._ask(signer, ids)
        if not isinstance(outcome, Accepted):
            return _unconfirmed(outcome)
        shown = {one["paymentId"]: one for one in outcome.data["payments"]}
        if not all(one["found"] for one in shown.values()):
            return _NOT_OURS
        if any(_differs(one, shown[one.payment_id]) for one in stated):
            return CallUnverified("the system does not show the status that a call without HMAC states")
        told = (Statement(one, each["statedStatus"], each["changeTime"]) for one, each in shown.items())
        return _distinct(_notice(one, signer, ConfirmedBy.STATUS_QUERY) for one in told)

    def _can_check(self, client_id: str) -> bool:
        """Whether the settings have this client's secret, or no signer is to ask about its calls either."""
        return self._secrets.of_client(client_id) is not None or self._asked_by(client_id) is None

    def _is_unusable(self, client_id: str) -> bool:
        unusable = self._secrets.unusable
        return any(self._settings.clients[signer].client_id == client_id for signer in unusable)


def receipt() -> CallAnswer:
    """Return the answer by which the system knows that the call has arrived."""
    return _answer(200, success=True)


def refusal(status: int) -> CallAnswer:
    """Return the answer after which the system calls again."""
    return _answer(status, success=False)


def _answer(status: int, *, success: bool) -> CallAnswer:
    return CallAnswer(status, json.dumps({"success": success}).encode(), "application/json")


def _is_within(peer: str, networks: Sequence[ipaddress.IPv4Network | ipaddress.IPv6Network]) -> bool:
    try:
        address = ipaddress.ip_address(peer)
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return any((mapped or address) in network for network in networks)


def _unconfirmed(outcome: Outcome) -> Received:
    """Return why the system confirms nothing: it refuses to show these payment requests, or does not answer now."""
    if isinstance(outcome, Rejected) or (isinstance(outcome, Blocked) and outcome.errors):
        return _NOT_OURS
    return CallUnverified(
        f"the system does not confirm the call: {getattr(outcome, 'detail', type(outcome).__name__)}"
    )


def _differs(one: Statement, shown: Mapping[str, Any]) -> bool:
    """Whether the system shows another status than the call states, one that Herald does not know, or no time."""
    stated = status_of(one.status)
    return stated is None or stated.value != shown.get("status") or "changeTime" not in shown


def _notice(one: Statement, signer: str, confirmed_by: ConfirmedBy) -> Notice:
    status = status_of(one.status)
    name = one.status.lower() if status is None else status.value
    return Notice(
        key=json.dumps([one.payment_id, name, time_key(one.change_time)], ensure_ascii=False),
        type=_TYPE,
        data={
            "paymentId": one.payment_id,
            "status": None if status is None else status.value,
            "statedStatus": one.status,
            "changeTime": one.change_time,
            "client": signer,
            "confirmedBy": confirmed_by.value,
            **one.extras,
        },
        reference=one.payment_id,
    )


def _distinct(notices: Iterable[Notice]) -> tuple[Notice, ...]:
    """Return each notice once: a list may state one thing twice."""
    return tuple({one.key: one for one in notices}.values())
