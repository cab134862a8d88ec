"""A secret in the settings: in a file, or by a variable."""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING

from worker.configuration_error import ConfigurationError
from worker.secret_file import read_secret
from worker.signing.port import SigningFailed

if TYPE_CHECKING:
    from pathlib import Path

    from pydantic import SecretStr

_TOKEN = re.compile(r"[!-~]{1,16384}")
"""Visible ASCII: a token becomes a header."""


def require_one(name: str, file: Path | None, value: SecretStr | None) -> None:
    """Raise ValueError unless exactly one of the two settings is given."""
    if (file is None) == (value is None):
        raise ValueError(f"exactly one of {name}_file and {name} must be given")


async def secret_of(file: Path | None, value: SecretStr | None, what: str) -> str:
    """Return the secret. Raises SigningFailed, whose sentence calls the file ``what``, where it cannot be read."""
    if value is not None:
        return value.get_secret_value()
    if file is None:
        raise SigningFailed(f"no {what} is configured", transient=False)
    try:
        return await asyncio.to_thread(read_secret, file, what)
    except ConfigurationError as bad:
        raise SigningFailed(str(bad), transient=False) from None


def is_token(text: str) -> bool:
    """Whether a text can be a token in a header."""
    return _TOKEN.fullmatch(text) is not None


async def token_of(file: Path | None, value: SecretStr | None, what: str) -> str:
    """Return the token in a token file or a variable. Raises SigningFailed, whose sentence calls it ``what``."""
    token = await secret_of(file, value, "token file")
    if not is_token(token):
        raise SigningFailed(f"the {what} is not visible ASCII without spaces", transient=False)
    return token
