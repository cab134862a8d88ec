"""Who a signing identity is to SHEP, with the password read from where the settings say."""

from __future__ import annotations

import re
from dataclasses import field
from typing import TYPE_CHECKING

from contracts.immutable import immutable
from worker.configuration_error import ConfigurationError
from worker.secret_file import read_secret

if TYPE_CHECKING:
    from worker.systems.kz_shep.settings import ShepSender


_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


@immutable
class Sender:
    """What goes into every message of a signing identity, in clear text."""

    sender_id: str = field(repr=False)
    password: str | None = field(repr=False)


def load_sender(settings: ShepSender) -> Sender:
    """Read the password. Raises ConfigurationError."""
    if settings.password is not None:
        return Sender(
            settings.sender_id, _checked(settings.password.get_secret_value(), "the setting password")
        )
    path = settings.password_file
    if path is None:
        return Sender(settings.sender_id, None)
    return Sender(settings.sender_id, _checked(read_secret(path), f"the password file {path}"))


def _checked(password: str, where: str) -> str:
    if not password:
        raise ConfigurationError(f"{where} is empty")
    if _NOT_XML.search(password):
        raise ConfigurationError(f"{where} holds control characters or others that XML cannot carry")
    return password
