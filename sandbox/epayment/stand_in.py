"""The Direct API of еПлащане as the sandbox's server sees it."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sandbox.epayment import answers
from sandbox.epayment.changes import Changes
from sandbox.epayment.clients import Clients
from sandbox.epayment.controls import Controls
from sandbox.epayment.errors import BadRequest, ServerError
from sandbox.epayment.form import MEDIA_TYPE, read_form
from sandbox.epayment.outbox import Outbox
from sandbox.epayment.payments import EXTENDED, PAYMENT, Payments
from sandbox.epayment.queries import Queries
from sandbox.epayment.registration import Registration
from sandbox.epayment.settings import Settings
from sandbox.epayment.store import Store
from sandbox.pages import page

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import datetime

    from sandbox.epayment.clients import Client
    from sandbox.epayment.form import Form
    from sandbox.stand_in import Answer, Request

PATH = "/api/v1/eService/"
_ALPHABET = "ABCDEFGHIJKLMNPQRSTUVWXYZ12345678"
_CODE_LENGTH = 10
_MAX_BYTES = 4 * 1024 * 1024
_UNAUTHORIZED, _FORBIDDEN, _NOT_FOUND, _NOT_ALLOWED, _UNSUPPORTED, _SERVER_ERROR = (
    401,
    403,
    404,
    405,
    415,
    500,
)
_METHODS = (
    PAYMENT,
    EXTENDED,
    "paymentsStatus",
    "paymentsByIdJson",
    "accessCode",
    "suspendRequest",
    "setStatusPaid",
    "pendingPaymentStatusJson",
    "paymentStatusJson",
)
_BY_PATH = {f"{PATH}{name}".lower(): name for name in _METHODS}


class EPayments:
    """The StandIn for еПлащане, without a network: `Sender` carries its outbox."""

    name = "epayment"
    traits: tuple[str, ...] = ("operation", "clientId", "aisPaymentId", "id")
    private_traits: frozenset[str] = frozenset()
    max_bytes = _MAX_BYTES

    def __init__(self, clients: Iterable[Client], *, now: Callable[[], datetime], seed: int = 0) -> None:
        self._known = tuple(clients)
        self._now = now
        self._seed = seed
        self.reset()

    def reset(self) -> None:
        """Go back to the start: no requests, no callbacks, the settings of the start."""
        self._random = random.Random(self._seed)  # noqa: S311 - repeatable by design
        self.settings = Settings()
        self._clients, self._store = Clients(self._known), Store()
        self.outbox = Outbox(self._now, self._seed)
        self._changes = Changes(self._store, self.outbox, self._now)
        self._registration = Registration(
            lambda: self.settings,
            self._store,
            now=self._now,
            new_code=self._new_code,
            expire=self._changes.end,
            watch=self._changes.watch,
        )
        self._payments = Payments(lambda: self.settings, self._clients, self._registration, self._now)
        self._queries = Queries(self._store)
        self._controls = Controls(
            self._store,
            self._clients,
            changes=self._changes,
            registration=self._registration,
            outbox=self.outbox,
            now=self._now,
        )
        self._counts: Counter[str] = Counter()

    def serves(self, method: str, path: str) -> bool:
        """Whether this is one of the methods."""
        return method == "POST" and path.lower() in _BY_PATH

    def traits_of(self, request: Request) -> Mapping[str, str | None]:
        """Return the method, the client, aisPaymentId, and the (first) identifier of a payment request."""
        form = read_form(request.body)
        fields = _fields(form)
        ids = fields.get("requestids")
        first = ids[0] if isinstance(ids, list) and ids else fields.get("id")
        ais = fields.get("aispaymentid")
        return {
            "operation": _BY_PATH.get(request.path.lower()),
            "clientId": form.client_id,
            "aisPaymentId": ais if isinstance(ais, str) else None,
            "id": first if isinstance(first, str) else None,
        }

    def tick(self) -> None:
        """Let time have its effects."""
        self._changes.expire_due()

    def answer(self, request: Request) -> Answer:
        """Process the request."""
        self.tick()
        method = _BY_PATH.get(request.path.lower())
        if method is None:
            text = f"No HTTP resource was found that matches the request URI '{request.path}'."
            return answers.failed(self.settings, _NOT_FOUND, text)
        if request.method != "POST":
            text = f"The requested resource does not support http method '{request.method}'."
            return answers.failed(self.settings, _NOT_ALLOWED, text)
        if self.settings.client_certificate and request.client_certificate is None:
            return page(_FORBIDDEN, "Forbidden")
        return self._performed(method, request)

    def failed(self, status: int, request: Request) -> Answer:
        """Return an error of this status, in the form of the server's own."""
        del request
        return answers.failed(self.settings, status, answers.SERVER_ERROR)

    def altered(self, request: Request, answer: Answer) -> Answer:
        """Return the answer with the identifiers of other payment requests."""
        del request
        return replace(answer, body=answers.altered(answer.body))

    def forget_tokens(self) -> None:
        """Do nothing: there are no tokens."""

    def ledger(self) -> Mapping[str, Any]:
        """Return the requests, what was not accepted, the callbacks with their attempts, and counts of methods."""
        self.tick()
        return {
            "payments": [one.shown() for one in self._store],
            "rejections": [one.shown() for one in self._registration.rejections],
            **self.outbox.shown(),
            "performed": dict(self._counts),
        }

    def control(self, name: str, body: Any) -> Any | None:
        """Do what the page of this sandbox describes. Raises InvalidControl."""
        if name == "settings":
            self.settings = self.settings.changed(body)
            return self.settings.shown()
        if name == "callbacks":
            self.outbox.settings = self.outbox.settings.changed(body)
            return self.outbox.settings.shown()
        own: Mapping[str, Callable[[Any], Any]] = {
            "clients": self._clients.control,
            "step": self._controls.step,
            "again": self._controls.again,
            "seed": self._controls.seed,
        }
        return own[name](body) if name in own else None

    def _performed(self, method: str, request: Request) -> Answer:
        form = read_form(request.body)
        client = self._clients.authorised(form.client_id, form.data, form.code)
        if client is None:
            return answers.failed(self.settings, _UNAUTHORIZED, answers.UNAUTHORIZED)
        media = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if media != MEDIA_TYPE:
            text = f"The request entity's media type '{media}' is not supported for this resource."
            return answers.failed(self.settings, _UNSUPPORTED, text)
        try:
            content = self._handlers()[method](form, client)
        except BadRequest as error:
            return answers.failed(self.settings, 400, error.message)
        except ServerError:
            return answers.failed(self.settings, _SERVER_ERROR, answers.SERVER_ERROR)
        self._counts[method] += 1
        return answers.answered(self.settings, _kind(content), content)

    def _handlers(self) -> Mapping[str, Callable[[Form, Client], dict[str, Any]]]:
        return {
            PAYMENT: self._payments.payment_json,
            EXTENDED: self._payments.payment_json_extended,
            "paymentsStatus": self._queries.payments_status,
            "paymentsByIdJson": self._queries.payments_by_id_json,
            "accessCode": self._queries.access_code,
            "suspendRequest": self._changes.suspend_request,
            "setStatusPaid": self._changes.set_status_paid,
            "pendingPaymentStatusJson": self._queries.pending_of_payer,
            "paymentStatusJson": self._queries.others_of_payer,
        }

    def _new_code(self) -> str:
        return "".join(self._random.choices(_ALPHABET, k=_CODE_LENGTH))


def _fields(form: Form) -> Mapping[str, Any]:
    try:
        return form.fields()
    except BadRequest:
        return {}


def _kind(content: Mapping[str, Any]) -> str:
    """Return what the counts call an answer."""
    if "unacceptedReceiptJson" not in content:
        return "answered"
    return "accepted" if content["unacceptedReceiptJson"] is None else "rejected"
