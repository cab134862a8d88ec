"""The passwords that the settings name, read once. No repr shows a password."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from contracts.immutable import immutable
from worker.configuration_error import ConfigurationError
from worker.secret_file import read_secret

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, MutableMapping

    from worker.systems.erx.settings import Account, ErxSettings, Secret

Named = TypeVar("Named")
Read = TypeVar("Read")


@immutable
class Login:
    """A name and its password."""

    username: str
    password: str = field(repr=False)


@dataclass(slots=True)
class Accounts:
    """``users`` by signer, ``secrets`` by name: those whose password could be read. A changed one is put in its place.

    ``unusable_users`` and ``unusable_secrets`` say of the others what is wrong with them, as a plain sentence.
    """

    client: Login
    users: MutableMapping[str, Login]
    secrets: MutableMapping[str, str] = field(repr=False)
    unusable_users: MutableMapping[str, str]
    unusable_secrets: MutableMapping[str, str]

    def use_client(self, login: Login) -> None:
        """Log in as this client software from now on."""
        self.client = login

    def use_user(self, signer: str, login: Login) -> None:
        """Log in as this user for the signer from now on."""
        self.users[signer] = login
        self.unusable_users.pop(signer, None)

    def use_secret(self, name: str, password: str) -> None:
        """Give new users of this name this password from now on."""
        self.secrets[name] = password
        self.unusable_secrets.pop(name, None)


def read_accounts(settings: ErxSettings) -> Accounts:
    """Read every password. Raises ConfigurationError where nobody can log in: for the client software's."""
    try:
        client = read_login(settings.client)
    except ConfigurationError as error:
        raise error.under("client") from None
    users, unusable_users = _usable(settings.users, read_login)
    secrets, unusable_secrets = _usable(settings.secrets, read_password)
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


def read_login(account: Account) -> Login:
    """Read the password of an account. Raises ConfigurationError."""
    return Login(account.username, read_password(account))


def read_password(secret: Secret) -> str:
    """Read a password. Raises ConfigurationError."""
    if secret.password_file is not None:
        return read_secret(secret.password_file)
    found = secret.password.get_secret_value() if secret.password else ""
    if not found:
        raise ConfigurationError("the password is empty")
    return found
