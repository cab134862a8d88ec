"""The passwords that the settings name, read once. No repr shows a password."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from worker.configuration_error import ConfigurationError
from worker.secret_file import read_secret

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from worker.systems.erx.settings import Account, ErxSettings, Secret

Named = TypeVar("Named")
Read = TypeVar("Read")


@dataclass(frozen=True, slots=True)
class Login:
    """A name and its password."""

    username: str
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Accounts:
    """``users`` by signer, ``secrets`` by name: those whose password could be read.

    ``unusable_users`` and ``unusable_secrets`` say of the others what is wrong with them, as a plain sentence.
    """

    client: Login
    users: Mapping[str, Login]
    secrets: Mapping[str, str] = field(repr=False)
    unusable_users: Mapping[str, str]
    unusable_secrets: Mapping[str, str]


def read_accounts(settings: ErxSettings) -> Accounts:
    """Read every password. Raises ConfigurationError where nobody can log in: for the client software's."""
    try:
        client = _login(settings.client)
    except ConfigurationError as error:
        raise error.under("client") from None
    users, unusable_users = _usable(settings.users, _login)
    secrets, unusable_secrets = _usable(settings.secrets, _password)
    return Accounts(client, users, secrets, unusable_users, unusable_secrets)


def _usable(
    named: Mapping[str, Named], read: Callable[[Named], Read]
) -> tuple[dict[str, Read], dict[str, str]]:
    """Read each; return those that can be read, and of each other one what is wrong with it."""
    found: dict[str, Read] = {}
    unusable: dict[str, str] = {}
    for name, one in named.items():
        try:
            found[name] = read(one)
        except ConfigurationError as error:
            unusable[name] = "; ".join(error.problems)
    return found, unusable


def _login(account: Account) -> Login:
    return Login(account.username, _password(account))


def _password(secret: Secret) -> str:
    if secret.password_file is not None:
        return read_secret(secret.password_file)
    found = secret.password.get_secret_value() if secret.password else ""
    if not found:
        raise ConfigurationError("the password is empty")
    return found
