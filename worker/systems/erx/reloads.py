"""What the eRx package reads from files, and how it uses what has changed."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from worker.reloading.reloadable import Reloadable, in_thread
from worker.systems.erx.accounts import read_login, read_password
from worker.systems.erx.operations import SYSTEM
from worker.systems.reloads import ca_file, section

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from worker.reloading.reloadable import Apply
    from worker.systems.erx.accounts import Accounts
    from worker.systems.erx.settings import Account, ErxSettings, Secret


def reloadables(
    settings: ErxSettings,
    accounts: Accounts,
    *,
    trust: Callable[[], Apply],
    forget: Callable[[str], None],
) -> list[Reloadable]:
    """Return the CA file and every password.

    ``trust`` loads the CA file; ``forget`` drops the token of a signer, whose next message logs in anew.
    """
    found = ca_file(SYSTEM, settings.transport.ca_file, trust)
    found += _of("client", settings.client.password_file, partial(_client, settings, accounts, forget))
    for signer, user in settings.users.items():
        prepare = partial(_user, signer, user, accounts, forget)
        found += _of(f"users.{signer}", user.password_file, prepare, signer)
    for name, secret in settings.secrets.items():
        found += _of(f"secrets.{name}", secret.password_file, partial(_secret, name, secret, accounts))
    return found


def _of(
    where: str, file: Path | None, prepare: Callable[[], Apply], signer: str | None = None
) -> list[Reloadable]:
    if file is None:
        return []
    return [Reloadable(f"{section(SYSTEM)}.{where}", (file,), in_thread(prepare), SYSTEM, signer)]


def _client(settings: ErxSettings, accounts: Accounts, forget: Callable[[str], None]) -> Apply:
    login = read_login(settings.client)

    def apply() -> None:
        accounts.use_client(login)
        for signer in settings.users:
            forget(signer)

    return apply


def _user(signer: str, user: Account, accounts: Accounts, forget: Callable[[str], None]) -> Apply:
    login = read_login(user)

    def apply() -> None:
        accounts.use_user(signer, login)
        forget(signer)

    return apply


def _secret(name: str, secret: Secret, accounts: Accounts) -> Apply:
    return partial(accounts.use_secret, name, read_password(secret))
