"""The passwords that the settings name, read once. No repr shows a password."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from worker.systems.dependencies import Unbuildable
from worker.systems.erx.operations import SYSTEM

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
    """Read every password. Raises Unbuildable with a sentence, a line each, for all that cannot be had."""
    problems: list[str] = []
    accounts = Accounts(
        client=_login("client", settings.client, problems),
        users={name: _login(f"users.{name}", user, problems) for name, user in settings.users.items()},
        secrets={
            name: _password(f"secrets.{name}", secret, problems) for name, secret in settings.secrets.items()
        },
    )
    if problems:
        # The registry writes the path of the system before the first problem.
        raise Unbuildable(f"\nsystems.{SYSTEM}: ".join(problems))
    return accounts


def _login(where: str, account: Account, problems: list[str]) -> Login:
    return Login(account.username, _password(where, account, problems))


def _password(where: str, secret: Secret, problems: list[str]) -> str:
    if secret.password_file is None:
        found = secret.password.get_secret_value() if secret.password else ""
    else:
        try:
            # Editors and `echo` end a file with a line break, which is not part of the password; spaces may be.
            found = secret.password_file.read_bytes().decode().rstrip("\r\n")
        except OSError as error:
            problems.append(f"{where}: the password file cannot be read: {error.strerror}")
            return ""
        except UnicodeDecodeError:
            problems.append(f"{where}: the password file is not UTF-8 text")
            return ""
    if not found:
        problems.append(f"{where}: the password is empty")
    return found
