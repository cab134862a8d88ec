"""Reading a secret from the file that the settings name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from worker.configuration_error import ConfigurationError

if TYPE_CHECKING:
    from pathlib import Path


def secret_in(path: Path) -> str:
    """Return the text of the file. Raises OSError, UnicodeDecodeError.

    Editors and `echo` end a file with a line break, which is not part of the secret; neither is a byte order mark.
    Spaces may be.
    """
    return path.read_text(encoding="utf-8-sig").rstrip("\r\n")


def read_secret(path: Path, what: str = "password file") -> str:
    """Return the text of the file. Raises ConfigurationError, whose sentence calls the file ``what``."""
    try:
        secret = secret_in(path)
    except OSError as error:
        raise ConfigurationError(f"the {what} {path} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise ConfigurationError(f"the {what} {path} is not text in UTF-8") from None
    if not secret:
        raise ConfigurationError(f"the {what} {path} is empty")
    return secret
