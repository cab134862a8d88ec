"""Who a signing identity is to SHEP, with the password read from where the settings say."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from herald.worker.systems.kz_shep.settings import ShepSender


class NoPassword(Exception):
    """A sender's password cannot be read; the message is a plain sentence without it."""


@dataclass(frozen=True, slots=True)
class Sender:
    """What goes into every message of a signing identity, in clear text."""

    sender_id: str = field(repr=False)
    password: str | None = field(repr=False)


def load_sender(settings: ShepSender) -> Sender:
    """Read the password. Raises NoPassword."""
    if settings.password is not None:
        return Sender(settings.sender_id, settings.password.get_secret_value())
    path = settings.password_file
    if path is None:
        return Sender(settings.sender_id, None)
    try:
        password = path.read_text(encoding="utf-8").rstrip("\r\n")
    except OSError as error:
        raise NoPassword(f"the password file {path} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise NoPassword(f"the password file {path} is not text in UTF-8") from None
    if not password:
        raise NoPassword(f"the password file {path} is empty")
    return Sender(settings.sender_id, password)
