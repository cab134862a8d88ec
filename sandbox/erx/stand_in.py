"""The eRx register as the sandbox's server sees it."""

from __future__ import annotations

import random
import uuid
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sandbox.erx import orders, texts
from sandbox.erx.accounts import Accounts, HalfDone
from sandbox.erx.alteration import altered
from sandbox.erx.dispensing import dispense
from sandbox.erx.envelope import Envelope
from sandbox.erx.errors import Rejected, Unauthorized
from sandbox.erx.ledger import Ledger
from sandbox.erx.prescriptions import Prescriptions
from sandbox.erx.profile import profile_named
from sandbox.erx.reading import MAX_BYTES, Unreadable, parameter, read_object, text_at
from sandbox.erx.services import LOGIN, OPERATIONS, PRESCRIPTION, Services
from sandbox.erx.store import Store
from sandbox.erx.texts import language_of
from sandbox.erx.tokens import Tokens
from sandbox.erx.users import TEST_USERS, User, Users
from sandbox.pages import page
from sandbox.stand_in import Answer, InvalidControl, Request

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import datetime

TEST_CLIENT = ("herald-client", "test-password-of-the-client")
"""An invented client software: a value for tests and the demo, good nowhere else."""
_UNAUTHORIZED, _NOT_FOUND, _NOT_ALLOWED = 401, 404, 405
_KEY_BYTES = 64
_HALF_DONE = {"fhir": texts.NOT_IN_FHIR, "integrity": texts.INTEGRITY}


class ErxRegister:
    """The StandIn for eRx. ``profile`` says which text of the document it keeps to; tokens last ``token_seconds``."""

    name = "erx"
    traits: tuple[str, ...] = ("operation", "internalId", "user")
    private_traits: frozenset[str] = frozenset()
    max_bytes = MAX_BYTES

    def __init__(
        self,
        *,
        now: Callable[[], datetime],
        seed: int = 0,
        profile: str = "2020-09",
        token_seconds: float = 3600.0,
        client: tuple[str, str] = TEST_CLIENT,
        users: Iterable[User] = TEST_USERS,
    ) -> None:
        self._now = now
        self._seed = seed
        self._profile = profile_named(profile)
        self._token_seconds = token_seconds
        self._client = client
        self._users = tuple(users)
        self.reset()

    def credentials(self) -> dict[str, Any]:
        """Return the names and passwords that work from the start: of the client software and of the users."""
        name, password = self._client
        return {
            "client": {"username": name, "password": password},
            "users": [
                {"username": user.username, "password": user.password, "authority": user.authority}
                for user in self._users
            ],
        }

    def reset(self) -> None:
        """Go back to the start: no prescriptions, no tokens, only the users of the start."""
        self._random = random.Random(self._seed)  # noqa: S311 - repeatable by design
        self._store, self._ledger = Store(), Ledger()
        key = self._random.randbytes(_KEY_BYTES)
        self._tokens = Tokens(self._now, key, self._token_seconds, self._client[0])
        self._accounts = Accounts(Users(self._users), self._tokens, self._client, self._profile)
        shared: dict[str, Any] = {
            "now": self._now,
            "new_id": self._new_id,
            "store": self._store,
            "ledger": self._ledger,
        }
        prescriptions = Prescriptions(self._profile, client=self._client[0], **shared)
        self._services = Services(
            self._profile,
            tokens=self._tokens,
            accounts=self._accounts,
            prescriptions=prescriptions,
            **shared,
        )

    def serves(self, method: str, path: str) -> bool:
        """Whether this is one of the register's addresses."""
        return (method, path) in OPERATIONS

    def traits_of(self, request: Request) -> Mapping[str, str | None]:
        """Return operation, internal identifier (of the first line; the seed) and user name."""
        operation = OPERATIONS.get((request.method, request.path))
        issuing = operation == PRESCRIPTION
        ids = orders.internal_ids(self._profile, request.query, request.body) if issuing else []
        return {
            "operation": operation,
            "internalId": ids[0] if ids else None,
            "user": _login_name(request) if operation == LOGIN else self._bearer_name(request),
        }

    def answer(self, request: Request) -> Answer:
        """Process the request."""
        operation = OPERATIONS.get((request.method, request.path))
        if operation is None:
            known = any(path == request.path for _, path in OPERATIONS)
            return page(_NOT_ALLOWED, "Not Allowed") if known else page(_NOT_FOUND, "Not Found")
        envelope = self._envelope(request)
        try:
            done = self._services.perform(operation, request)
        except Unauthorized:
            return envelope.failed(_UNAUTHORIZED)
        except Rejected as rejected:
            return envelope.rejected(rejected.errors, rejected.result)
        return done if isinstance(done, Answer) else envelope.succeeded(done)

    def failed(self, status: int, request: Request) -> Answer:
        """Return an error of this status, in the envelope with the documents' text."""
        return self._envelope(request).failed(status)

    def altered(self, request: Request, answer: Answer) -> Answer:
        """Return the answer as if another prescription had been asked for, or written."""
        asked = (parameter(request.query, name) for name in ("seed", "identifier", "code"))
        ids = orders.internal_ids(self._profile, request.query, request.body)
        return replace(answer, body=altered(answer.body, {*ids, *filter(None, asked)}))

    def forget_tokens(self) -> None:
        """End every token."""
        self._tokens.forget_all()

    def ledger(self) -> Mapping[str, Any]:
        """Return prescriptions, registered users, and counts of logins by user and of reads by operation."""
        return {
            **self._ledger.shown(),
            "users": self._accounts.registered(),
            "logins": dict(self._accounts.logins),
        }

    def control(self, name: str, body: Any) -> Any | None:
        """Let a pharmacy dispense the prescription of a barcode, or the next registration fail in the middle."""
        if name == "half-done-registration":
            return self._half_done(body)
        if name != "dispense":
            return None
        prescription = self._ledger.with_barcode(text_at(body, "barcode") or "")
        if prescription is None:
            raise InvalidControl(
                "dispense takes an object with the barcode of a prescription that was issued"
            )
        barcode = body["barcode"]
        given = dispense(self._store, barcode, self._now())
        prescription.dispensed.extend(given)
        return {"barcode": barcode, "dispensed": given}

    def _half_done(self, body: Any) -> Mapping[str, Any]:
        how = {
            "error": "fhir",
            "account": True,
            "role": False,
            **(body if isinstance(body, dict) else {}),
        }
        flags = isinstance(how["account"], bool) and isinstance(how["role"], bool)
        if set(how) != {"error", "account", "role"} or how["error"] not in _HALF_DONE or not flags:
            raise InvalidControl(f"give error ({', '.join(_HALF_DONE)}), account and role (true or false)")
        self._accounts.fail_next_registration(HalfDone(_HALF_DONE[how["error"]], how["account"], how["role"]))
        return how

    def _envelope(self, request: Request) -> Envelope:
        issuing = OPERATIONS.get((request.method, request.path)) == PRESCRIPTION
        camel = issuing and self._profile.camel_case
        return Envelope(language_of(request.headers), self._new_id, camel=camel)

    def _new_id(self) -> str:
        return str(uuid.UUID(int=self._random.getrandbits(128), version=4))

    def _bearer_name(self, request: Request) -> str | None:
        try:
            return self._tokens.bearer(request.headers).username
        except Unauthorized:
            return None


def _login_name(request: Request) -> str | None:
    try:
        return text_at(read_object(request.body), "User", "Data", 0, "Username")
    except Unreadable:
        return None
