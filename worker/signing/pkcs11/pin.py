"""Where a PIN comes from. It is read for each login, and overwritten after it as far as Python can."""

from __future__ import annotations

import codecs
from contextlib import contextmanager
from typing import TYPE_CHECKING

from worker.signing.pkcs11.frames import wipe
from worker.signing.port import SigningFailed

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pydantic import SecretStr

MAX_BYTES = 4096


class PinSource:
    """A file, or the value of a variable; neither where the token wants no login."""

    def __init__(self, file: Path | None, value: SecretStr | None) -> None:
        self._file = file
        self._value = value

    @contextmanager
    def read(self) -> Iterator[bytearray | None]:
        """Lend the PIN (UTF-8); None where there is none. Raises SigningFailed."""
        pin = self._read()
        try:
            yield pin
        finally:
            if pin is not None:
                wipe(pin)

    def _read(self) -> bytearray | None:
        if self._file is not None:
            return _in_file(self._file)
        return None if self._value is None else bytearray(self._value.get_secret_value().encode())

    def __repr__(self) -> str:
        return f"PinSource({str(self._file) if self._file else 'a variable'!r})"


def _in_file(path: Path) -> bytearray:
    """Return what the file holds, without a byte order mark at its begin and line breaks at its end."""
    buffer = bytearray(MAX_BYTES)
    try:
        with path.open("rb", buffering=0) as file:
            size = file.readinto(buffer) or 0
    except OSError as error:
        raise SigningFailed(
            f"the pin_file {path} cannot be read: {error.strerror}", transient=False
        ) from None
    begin = len(codecs.BOM_UTF8) if buffer.startswith(codecs.BOM_UTF8) else 0
    while size > begin and buffer[size - 1] in b"\r\n":
        size -= 1
    pin = buffer[begin:size]
    wipe(buffer)
    if problem := _problem(pin):
        wipe(pin)
        raise SigningFailed(f"the pin_file {path} {problem}", transient=False)
    return pin


def _problem(pin: bytearray) -> str | None:
    if not pin:
        return "is empty"
    try:
        pin.decode()
    except UnicodeDecodeError:
        return "is not text in UTF-8"
    return None
