"""The eRx register behind the System port: each method joins the parts of this package for one step."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from contracts.derived_ids import derived_id
from contracts.erx.prescription import IssuePrescription
from contracts.erx.requests import RegisterUser, ReserveBarcode
from contracts.reasons import Reason
from worker.outcome import Blocked, NotArrived, Outcome, Retry
from worker.systems.base import HttpSystem
from worker.systems.erx import lookup, reloads, request
from worker.systems.erx.accounts import Login as Account
from worker.systems.erx.auth import Login, user_id
from worker.systems.erx.checks import registration_problems, strip_problems
from worker.systems.erx.expectations import expected_of, rules_of
from worker.systems.erx.interpret import interpret
from worker.systems.erx.operations import POSTED, SYSTEM, operations
from worker.systems.erx.request import seed_of
from worker.systems.erx.settings import Name
from worker.systems.port import NotPrepared, Prepared, Refused
from worker.systems.signers import signer_of
from worker.systems.tokens import Granted, Tokens, bearer, token_of
from worker.transport.tls import client_context

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from worker.observability.metrics.labels import TokenOutcome
    from worker.reloading.reloadable import Apply, Reloadable
    from worker.submission import Submission
    from worker.systems.erx.accounts import Accounts
    from worker.systems.erx.checks import BodySchemas
    from worker.systems.erx.settings import ErxSettings
    from worker.systems.port import Attempt
    from worker.transport.port import Answer, HttpClient

_REFUSAL_REST = 60.0
"""Seconds without a new login after a refused one: a login for each waiting event could lock the account."""


class ErxSystem(HttpSystem):
    """The System port for the eRx register."""

    name = SYSTEM
    title = "the register"

    def __init__(
        self,
        settings: ErxSettings,
        *,
        accounts: Accounts,
        schemas: BodySchemas,
        client: HttpClient,
        now: Callable[[], datetime],
        monotonic: Callable[[], float],
        token_requested: Callable[[TokenOutcome], None] = lambda _: None,
    ) -> None:
        self._operations = operations(settings)
        super().__init__(
            operations=self._operations.values(),
            signers=settings.users,
            client=client,
            url=settings.api_url,
            probe_path=settings.probe_path,
            unusable=accounts.unusable_users,
        )
        self.time_zone = settings.time_zone
        self._settings = settings
        self._accounts = accounts
        self._schemas = schemas
        self._now = now
        self._rules = {name: rules_of(settings, name, one.recovery) for name, one in self._operations.items()}
        self._login = Login(settings, accounts, client, now)
        self._tokens = Tokens(
            self._login.of_signer,
            monotonic=monotonic,
            margin=settings.token_renewal_margin,
            refusal_rest=_REFUSAL_REST,
            requested=token_requested,
        )

    def identity(self, submission: Submission) -> str:
        """Return the identity that the register itself uses: a prescription's seed or internal id, a user's name.

        The internal id is that of the first line: a change that adds a line is of the same prescription.
        """
        match submission.data:
            case IssuePrescription() as data:
                own = seed_of(data) if self._settings.sends_seed else data.lines[0].internal_id
                return derived_id("erx-prescription", own)
            case RegisterUser(username=username):
                return username
        return submission.derived_id("erx-request")

    async def check(self, submission: Submission) -> None:
        """Check what the settings decide: who may register whom, and which barcodes there are. Raises Refused."""
        data = submission.data
        if isinstance(data, ReserveBarcode) and (problems := strip_problems(data, self._settings)):
            raise Refused(Reason.CONTRACT_VIOLATION, problems)
        if not isinstance(data, RegisterUser):
            return
        registrar = self._settings.users[submission.signer]
        if problems := registration_problems(data, registrar, self._settings.secrets):
            raise Refused(Reason.CONFIGURATION, problems)

    async def prepare(self, submission: Submission, attempt: Attempt) -> Prepared:
        """Build, validate and get a token. Raises Refused, or NotPrepared with Retry or Blocked."""
        name, data = Name(submission.operation), submission.data
        signer_of(self._accounts.users, submission.signer, self._unusable)
        body = request.body_of(data, self._settings)
        self._schemas.check(name, body)
        password = self._password_of(data) if isinstance(data, RegisterUser) else None
        address = request.address_of(data, self._settings)
        token = await self._tokens.get(submission.signer)
        prepared = self._prepared(
            name, address, submission.signer, attempt, token=token, request=request.encoded(body)
        )
        if password is None:
            return prepared
        # The evidence in the journal holds the password's name, never the password.
        whole = request.body_of(data.model_copy(update={"credentials": password}), self._settings)
        return replace(prepared, request=request.encoded(whole), evidence=prepared.request)

    def interpret(self, submission: Submission, prepared: Prepared, answer: Answer) -> Outcome:
        """Read the answer to a submission, or to the look-up for it."""
        name, token, now = Name(prepared.operation), token_of(prepared), self._now()
        expected = expected_of(name, submission.data, self._settings, token=token, answer=answer, now=now)
        return interpret(expected, answer, self._rules[name], now)

    async def reauthorize(self, prepared: Prepared) -> None:
        """Drop the token that this message was sent with, and no other."""
        self._tokens.drop(prepared.signer, token_of(prepared))

    async def prepare_look_up(
        self, submission: Submission, attempt: Attempt, found: Outcome
    ) -> Prepared | None:
        """Make the search for a prescription, or the new user's own whoami; None for operations that only read."""
        del found
        match submission.data:
            case IssuePrescription() as data:
                address = lookup.prescription_address(data, self._settings)
                token = await self._tokens.get(submission.signer)
                return self._prepared(Name.SEARCH, address, submission.signer, attempt, token=token)
            case RegisterUser() as data:
                token = await self._new_users_token(data)
                address = lookup.user_address(self._settings)
                return self._prepared(Name.WHO_AM_I, address, submission.signer, attempt, token=token)
        return None

    def settle(
        self, submission: Submission, found: Outcome, look_up_sent: Prepared, answer: Answer
    ) -> Outcome | NotArrived:
        """Decide by the look-up's answer what `found` means."""
        shown = self.interpret(submission, look_up_sent, answer)
        user = {self._accounts.users[submission.signer].username, user_id(token_of(look_up_sent)) or ""}
        return lookup.settle(submission.data, self._settings, found, shown, user=user)

    def logins(self) -> list[str]:
        """Return the signers whose user's password could be read."""
        return list(self._accounts.users)

    async def try_login(self, signer: str) -> Retry | Blocked | None:
        """Log in as the signer's user, and drop the token."""
        granted = await self._login.of_signer(signer)
        return None if isinstance(granted, Granted) else granted

    def reloadables(self) -> list[Reloadable]:
        """Return the CA file and every password."""
        return reloads.reloadables(
            self._settings, self._accounts, trust=self._trust, forget=self._tokens.forget
        )

    def _trust(self) -> Apply:
        return partial(self._client.renew, client_context(self._settings.transport.ca_file))

    async def close(self) -> None:
        """End token renewals and release connections."""
        await self._tokens.close()
        await super().close()

    def _prepared(
        self, name: Name, url: str, signer: str, attempt: Attempt, *, token: str, request: bytes = b""
    ) -> Prepared:
        headers = {"accept": "*/*", "accept-language": self._settings.accept_language}
        if request:
            headers["content-type"] = "application/json; charset=UTF-8"
        return Prepared(
            operation=name.value,
            method="POST" if name in POSTED else "GET",
            signer=signer,
            message_id=attempt.message_id,
            identity=attempt.identity,
            url=url,
            request=request,
            headers=headers,
            secret_headers=bearer(token),
        )

    def _password_of(self, data: RegisterUser) -> str:
        password = self._accounts.secrets.get(data.credentials)
        if password is None:
            problem = self._accounts.unusable_secrets.get(
                data.credentials, "it is not in the setting secrets"
            )
            detail = f"the new user's password cannot be used: {problem}"
            raise NotPrepared(Blocked(Reason.CONFIGURATION, detail))
        return password

    async def _new_users_token(self, data: RegisterUser) -> str:
        granted = await self._login.of(Account(data.username, self._password_of(data)), "the new user")
        if not isinstance(granted, Granted):
            raise NotPrepared(granted)
        return granted.token
