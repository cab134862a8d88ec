"""With which keys the journal's records are encrypted, and reading those keys."""

from __future__ import annotations

import base64
import binascii
from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, SecretStr, model_validator

from worker.configuration_error import ConfigurationError
from worker.journal.vault import KEY_BYTES, Vault
from worker.secret_file import read_secret
from worker.setting_types import SettingsModel, must_be

KeyId = Annotated[str, must_be(r"[A-Za-z0-9._-]{1,40}", "a name of at most 40 letters a-z, digits and . _ -")]


class EncryptionKey(SettingsModel):
    """A key of 32 random bytes, as `openssl rand -base64 32` prints them; hexadecimal digits will do too."""

    key_file: Path | None = None
    """A file that holds the key and nothing else. This or `secret`."""
    secret: SecretStr | None = None
    """The key itself: by variable only."""

    @model_validator(mode="after")
    def _exactly_one(self) -> Self:
        if (self.key_file is None) == (self.secret is None):
            raise ValueError("give either key_file or secret")
        return self

    def read(self) -> bytes:
        """Return the key. Raises ConfigurationError, which shows nothing of it."""
        text = (
            self.secret.get_secret_value() if self.secret else read_secret(_given(self.key_file), "key file")
        )
        key = _decoded("".join(text.split()))
        if key is None or len(key) != KEY_BYTES:
            raise ConfigurationError(
                f"an encryption key must be {KEY_BYTES} bytes, in base64 or hexadecimal digits"
            )
        return key


class EncryptionSettings(SettingsModel):
    """Off without `active_key`. A key must stay here for as long as the journal has records that it encrypted."""

    active_key: KeyId | None = None
    """The name of the key that encrypts new records; without it they are not encrypted."""
    keys: dict[KeyId, EncryptionKey] = Field(default_factory=dict)
    """The keys that can be read with, by their names. The journal notes the name with each record: a name always stands
    for the same key."""

    @model_validator(mode="after")
    def _known(self) -> Self:
        if self.active_key is not None and self.active_key not in self.keys:
            raise ValueError("active_key names none of the keys")
        return self

    def vault(self) -> Vault:
        """Read the keys. Raises ConfigurationError with the problems of all of them."""
        keys: dict[str, bytes] = {}
        problems: list[str] = []
        for name, key in self.keys.items():
            try:
                keys[name] = key.read()
            except ConfigurationError as bad:
                problems += [f"journal.encryption.keys.{name}: {problem}" for problem in bad.problems]
        if problems:
            raise ConfigurationError(*problems)
        return Vault(keys, self.active_key)


def _given(path: Path | None) -> Path:
    assert path is not None  # noqa: S101 - the validator above holds it
    return path


def _decoded(text: str) -> bytes | None:
    try:
        return bytes.fromhex(text) if len(text) == 2 * KEY_BYTES else base64.b64decode(text, validate=True)
    except (ValueError, binascii.Error):
        return None
