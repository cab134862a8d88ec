"""Logging in, registering a user, and naming the user of a token."""

from __future__ import annotations

import base64
import binascii
import hmac
from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from sandbox.erx import texts
from sandbox.erx.errors import BusinessError, Rejected, Unauthorized, mandatory
from sandbox.erx.reading import Unreadable, at, objects_at, read_object, text_at
from sandbox.erx.users import ADMIN, User, shown_registration

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.erx.profile import Profile
    from sandbox.erx.texts import Text
    from sandbox.erx.tokens import Tokens
    from sandbox.erx.users import Users
    from sandbox.stand_in import Request

_BASIC = "basic "
_CLIENT_ROLE = "erx-resource-server"
_FAILED = "{user.login.failed}"


@dataclass(frozen=True, slots=True)
class HalfDone:
    """How the next registration fails in the middle: with which text, and what is there all the same."""

    text: Text
    account: bool
    role: bool


class Accounts:
    """The authentication service. ``client`` is the name and password of the one client software it knows."""

    def __init__(self, users: Users, tokens: Tokens, client: tuple[str, str], profile: Profile) -> None:
        self._users = users
        self._tokens = tokens
        self._client = client
        self._profile = profile
        self.logins: Counter[str] = Counter()
        self._half_done: HalfDone | None = None

    def login(self, request: Request) -> object:
        """Give a token for the user's password, sent by the known client software. Raises Rejected."""
        if not self._is_client(request.headers.get("authorization", "")):
            raise Rejected([BusinessError(texts.WRONG_CLIENT)])
        try:
            username, password = _credentials(read_object(request.body))
        except Unreadable as error:
            raise Rejected([BusinessError(texts.INVALID_LOGIN)]) from error
        user = self._users.with_password(username, password)
        if user is None:
            raise Rejected([BusinessError(texts.WRONG_CREDENTIALS, _FAILED)])
        self.logins[user.username] += 1
        return {"User": {"Token": self._tokens.give(user)}}

    def register(self, request: Request) -> object:
        """Make a user, for an administrator. Raises Unauthorized, Rejected."""
        if self._tokens.bearer(request.headers).authority != ADMIN:
            raise Unauthorized
        try:
            body = read_object(request.body)
        except Unreadable as error:
            raise Rejected([BusinessError(texts.INVALID_REQUEST)]) from error
        problems = self._registration_problems(body)
        if problems:
            raise Rejected(problems)
        wanted = _wanted(body)
        taken = self._users.taken(wanted)
        if taken is not None:
            name, value = taken
            raise Rejected([BusinessError(texts.ALREADY_EXISTS, values={"name": name, "value": value})])
        half_done, self._half_done = self._half_done, None
        if half_done is None:
            return self._users.add(wanted).shown()
        if half_done.account:
            self._users.add(replace(wanted, has_role=half_done.role))
        raise Rejected([BusinessError(half_done.text)])

    def fail_next_registration(self, how: HalfDone) -> None:
        """Let the next registration that breaks no rule fail in the middle."""
        self._half_done = how

    def whoami(self, request: Request) -> object:
        """Return the user that the token belongs to. Raises Unauthorized."""
        return self._tokens.bearer(request.headers).shown()

    def registered(self) -> list[Mapping[str, Any]]:
        """Return the ledger's lines of the users that were registered."""
        return [shown_registration(user) for user in self._users.registered]

    def _is_client(self, authorization: str) -> bool:
        if not authorization.lower().startswith(_BASIC):
            return False
        try:
            given = base64.b64decode(authorization[len(_BASIC) :].strip(), validate=True)
        except (binascii.Error, ValueError):
            return False
        return hmac.compare_digest(given, ":".join(self._client).encode())

    def _registration_problems(self, body: Mapping[str, Any]) -> list[BusinessError]:
        user, practice = "Auth.Data[0]", "Auth.MedicRegRq"
        needed = {
            f"{user}.Username": text_at(body, "Auth", "Data", 0, "Username"),
            f"{user}.Credentials[0].Value": _password(at(body, "Auth", "Data", 0)),
            f"{practice}.OrganizationName": text_at(body, "Auth", "MedicRegRq", "OrganizationName"),
            f"{practice}.DhId": text_at(body, "Auth", "MedicRegRq", "DhId"),
        }
        if self._profile.client_roles:
            roles = at(body, "Auth", "Data", 0, "ClientRoles", _CLIENT_ROLE)
            needed[f"{user}.ClientRoles.{_CLIENT_ROLE}"] = text_at(roles, 0)
        return [mandatory(path, path.rsplit(".", 1)[-1]) for path, value in needed.items() if value is None]


def _credentials(body: Mapping[str, Any]) -> tuple[str, str]:
    """Return name and password of a login. Raises Unreadable, and Rejected where only the name is missing."""
    user = at(body, "User", "Data", 0)
    password = _password(user)
    if password is None or at(body, "User", "Action") not in (None, "LOGIN"):
        raise Unreadable
    username = text_at(user, "Username")
    if username is None:
        raise Rejected([mandatory("User.Data[0].Username", "Username")])
    return username, password


def _password(user: object) -> str | None:
    passwords = (one for one in objects_at(user, "Credentials") if one.get("Type") == "password")
    return text_at(next(passwords, None), "Value")


def _wanted(body: Mapping[str, Any]) -> User:
    user, practice = at(body, "Auth", "Data", 0), at(body, "Auth", "MedicRegRq")
    return User(
        id=0,
        username=user["Username"],
        password=_password(user) or "",
        first_name=text_at(user, "FirstName"),
        last_name=text_at(user, "LastName"),
        email=text_at(user, "Email"),
        dh_id=practice["DhId"],
        organization_name=practice["OrganizationName"],
    )
