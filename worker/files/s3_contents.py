"""The bytes of files in S3-compatible object storage, by the library obstore: an object a content.

Each object has a name of its own, so that none is ever overwritten. What is read is asked for in short ranges: a slow
reader keeps no request open.
"""

from __future__ import annotations

import uuid
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import obstore
from obstore.exceptions import BaseError, NotFoundError, PermissionDeniedError, UnauthenticatedError
from obstore.store import S3Store

from worker.configuration_error import ConfigurationError
from worker.file_store import FileStoreOutage, FileStoreRefused, NoSuchFile
from worker.files.cipher import SEALED
from worker.secret_file import read_secret

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator, Sequence

    from obstore.store import S3Credential

    from worker.files.settings import S3Settings

PIECES = 4
"""Pieces that one request reads."""
PARTS = 2
"""Parts of a file that are sent at the same time."""
_RETRIES = 5
_CREDENTIALS = timedelta(minutes=5)
"""For how long credentials are used before their files are read again."""
_PROBE = b"herald check"
_ABSENT = (NotFoundError, FileNotFoundError)
"""The library raises the one or the other."""


class S3Contents:
    """Implements `Contents`."""

    backend = "s3"

    def __init__(self, settings: S3Settings) -> None:
        """Connect nothing yet. Raises ConfigurationError where the files that the settings name are of no use."""
        self._prefix = settings.prefix
        self._part = int(settings.part_bytes)
        self._bucket = settings.bucket
        self._store = _store(settings)

    def location_of(self, content: str) -> str:
        """Return the name of the object."""
        return f"{self._prefix}{content}"

    async def write(self, location: str, pieces: AsyncIterator[bytes]) -> None:
        """Write an object: at once, or in several parts."""
        failed: list[Exception] = []
        source = _watched(pieces, failed)
        with self._said(failed):
            await obstore.put_async(
                self._store, location, source, chunk_size=self._part, max_concurrency=PARTS
            )

    async def read(self, location: str, first: int, count: int) -> AsyncIterator[bytes]:
        """Yield pieces."""
        for number in range(first, first + count, PIECES):
            wanted = min(PIECES, first + count - number)
            data = memoryview(await self._range(location, number * SEALED, wanted * SEALED))
            for start in range(0, len(data), SEALED):
                yield bytes(data[start : start + SEALED])

    async def remove(self, location: str) -> None:
        """Delete the object; S3 says nothing where there is none."""
        with self._said(), suppress(*_ABSENT):
            await obstore.delete_async(self._store, location)

    async def probe(self) -> None:
        """Write, read and delete an object. Raises FileStoreOutage, FileStoreRefused."""
        location = f"{self._prefix}check-{uuid.uuid4()}"
        with self._said():
            await obstore.put_async(self._store, location, _PROBE)
            read = bytes(await obstore.get_range_async(self._store, location, start=0, length=len(_PROBE)))
            await obstore.delete_async(self._store, location)
        if read != _PROBE:
            raise FileStoreRefused("the object storage returns other bytes than were written")

    async def close(self) -> None:
        """Close nothing: the library ends its connections when they are idle."""

    async def _range(self, location: str, start: int, length: int) -> Any:
        with self._said():
            try:
                return await obstore.get_range_async(self._store, location, start=start, length=length)
            except _ABSENT:
                raise NoSuchFile("the file's content was removed") from None

    @contextmanager
    def _said(self, failed: Sequence[Exception] = ()) -> Iterator[None]:
        """Raise what an error means. ``failed``: what the source of the bytes has raised, which then caused it."""
        try:
            yield
        except Exception as error:  # noqa: BLE001 - the source of the bytes may raise anything
            if failed:
                raise failed[0] from None
            raise self._meaning(error) from None

    def _meaning(self, error: Exception) -> Exception:
        """Return what an error means, without its text, which quotes the object's address and the server's answer."""
        if isinstance(error, ConfigurationError):
            return FileStoreRefused("; ".join(error.problems))
        if isinstance(error, PermissionDeniedError | UnauthenticatedError):
            return FileStoreRefused(
                f"the object storage refuses the access key, or its right to read, write and delete in the bucket"
                f" {self._bucket}: check files.s3 and the key's policy"
            )
        if isinstance(error, _ABSENT):
            # Some servers answer so where the key's id is unknown, too.
            what = f"the object storage knows no bucket {self._bucket}, or not the access key"
            return FileStoreRefused(f"{what}: check files.s3")
        if isinstance(error, BaseError | OSError):
            return FileStoreOutage(f"the object storage cannot be used ({type(error).__name__})")
        return error


def _store(settings: S3Settings) -> S3Store:
    config: dict[str, Any] = {"region": settings.region, "bucket": settings.bucket}
    options: dict[str, Any] = {
        "timeout": timedelta(seconds=settings.request_seconds),
        "connect_timeout": timedelta(seconds=settings.connect_seconds),
    }
    if settings.endpoint is not None:
        config["endpoint"] = str(settings.endpoint).rstrip("/")
        options["allow_http"] = settings.endpoint.scheme == "http"
    if settings.ca_file is not None:
        options["root_certificate"] = read_secret(settings.ca_file, "file with trusted certificates")
    retry: Any = {"max_retries": _RETRIES, "retry_timeout": timedelta(seconds=settings.retry_seconds)}
    try:
        return S3Store(
            config=config,  # type: ignore[arg-type]
            client_options=options,  # type: ignore[arg-type]
            retry_config=retry,
            credential_provider=_provider(settings),
        )
    except BaseError as error:
        raise ConfigurationError(f"files.s3: these settings are of no use ({type(error).__name__})") from None


def _provider(settings: S3Settings) -> Callable[[], S3Credential] | None:
    """Return what reads the credentials again and again, so that renewed files are found."""
    if settings.access_key_id_file is None:
        return None

    def read() -> S3Credential:
        assert settings.access_key_id_file is not None  # noqa: S101 - the caller looked
        return {
            "access_key_id": read_secret(settings.access_key_id_file, "file with the access key's id"),
            "secret_access_key": _secret(settings),
            "token": None,
            "expires_at": datetime.now(UTC) + _CREDENTIALS,
        }

    read()
    return read


def _secret(settings: S3Settings) -> str:
    if settings.secret_access_key is not None:
        return settings.secret_access_key.get_secret_value()
    assert settings.secret_access_key_file is not None  # noqa: S101 - the settings' validator holds it
    return read_secret(settings.secret_access_key_file, "file with the secret access key")


async def _watched(pieces: AsyncIterator[bytes], failed: list[Exception]) -> AsyncIterator[bytes]:
    """Yield the pieces, and note what their source raises: the library passes it on in a shape of its own."""
    try:
        async for piece in pieces:
            yield piece
    except Exception as error:
        failed.append(error)
        raise
