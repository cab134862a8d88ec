"""The passwords that the settings name, read once. No repr shows a password."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from worker.configuration_error import ConfigurationError
from worker.secret_file import read_secret

if TYPE_CHECKING:
    from collections.abc import Mapping

    from worker.systems.erx.settings import Account, ErxSettings, Secret


@dataclass(frozen=True, slots=True)
class Login:
    """A name and its password."""

    username: str
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Accounts:
    """``users`` by signer, ``secrets`` by name."""

    client: Login
    users: Mapping[str, Login]
    secrets: Mapping[str, str] = field(repr=False)


def read_accounts(settings: ErxSettings) -> Accounts:
    """Read every password. Raises ConfigurationError with a sentence for each that cannot be read."""
    problems: list[str] = []
    accounts = Accounts(
        client=_login("client", settings.client, problems),
        users={name: _login(f"users.{name}", user, problems) for name, user in settings.users.items()},
        secrets={
            name: _password(f"secrets.{name}", secret, problems) for name, secret in settings.secrets.items()
        },
    )
    if problems:
        raise ConfigurationError(*problems)
    return accounts


def _login(where: str, account: Account, problems: list[str]) -> Login:
    return Login(account.username, _password(where, account, problems))


def _password(where: str, secret: Secret, problems: list[str]) -> str:
    if secret.password_file is not None:
        try:
            return read_secret(secret.password_file)
        except ConfigurationError as error:
            problems += error.under(where).problems
            return ""
    found = secret.password.get_secret_value() if secret.password else ""
    if not found:
        problems.append(f"{where}: the password is empty")
    return found
