"""The passwords of the service's users, read once. No repr shows a password."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from contracts.immutable import immutable
from worker.configuration_error import ConfigurationError
from worker.reloading.reloadable import Reloadable, in_thread
from worker.secret_file import read_secret
from worker.systems.reloads import section

if TYPE_CHECKING:
    from collections.abc import Mapping, MutableMapping

    from worker.reloading.reloadable import Apply
    from worker.systems.peu.settings import Account


@immutable
class Login:
    """A user and the password: HTTP Basic Authentication (RFC 7617), in UTF-8."""

    username: str
    password: str = field(repr=False)

    @property
    def authorization(self) -> str:
        """The value of the header."""
        return "Basic " + base64.b64encode(f"{self.username}:{self.password}".encode()).decode()


@dataclass(slots=True)
class Logins:
    """``users`` by signer: those whose password could be read. A changed one is put in its place.

    ``unusable`` says of the others what is wrong with them, as a plain sentence.
    """

    users: MutableMapping[str, Login] = field(default_factory=dict)
    unusable: MutableMapping[str, str] = field(default_factory=dict)

    def use(self, signer: str, login: Login) -> None:
        """Log in like this for the signer from now on."""
        self.users[signer] = login
        self.unusable.pop(signer, None)


def read_logins(accounts: Mapping[str, Account]) -> Logins:
    """Read every password."""
    found = Logins()
    for signer, account in accounts.items():
        try:
            found.use(signer, read_login(account))
        except ConfigurationError as error:
            found.unusable[signer] = "; ".join(error.problems)
    return found


def read_login(account: Account) -> Login:
    """Read the password. Raises ConfigurationError."""
    if account.password_file is not None:
        return Login(account.username, read_secret(account.password_file))
    password = account.password.get_secret_value() if account.password else ""
    return Login(account.username, password)


def reloadables(accounts: Mapping[str, Account], logins: Logins) -> list[Reloadable]:
    """Return how changed password files are loaded again."""
    return [
        Reloadable(
            f"{section('peu')}.users.{signer}",
            (account.password_file,),
            in_thread(partial(_loaded, signer, account, logins)),
            "peu",
            signer,
        )
        for signer, account in accounts.items()
        if account.password_file is not None
    ]


def _loaded(signer: str, account: Account, logins: Logins) -> Apply:
    return partial(logins.use, signer, read_login(account))
