"""Where files are kept that are too large for Kafka, how large they may be, and for how long."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, ByteSize, Field, HttpUrl, SecretStr, model_validator

from worker.setting_types import SettingsModel, must_be


def _protected(url: HttpUrl) -> HttpUrl:
    if url.scheme == "http" and url.host not in _LOOPBACK:
        raise ValueError("must begin with https://, but for a loopback address")
    return url


_LOOPBACK = frozenset({"localhost", "127.0.0.1", "[::1]"})
ProtectedUrl = Annotated[HttpUrl, AfterValidator(_protected)]

BucketName = Annotated[
    str, must_be(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]", "the name of a bucket: 3 to 63 of a-z, 0-9, . and -")
]
Prefix = Annotated[
    str, must_be(r"([A-Za-z0-9._-]+/)*", "a path of letters, digits, . _ and -, that ends with /")
]


class Backend(StrEnum):
    """Where the bytes lie."""

    POSTGRES = "postgres"
    S3 = "s3"


class S3Settings(SettingsModel):
    """An S3-compatible object storage. The bytes are encrypted before they leave the worker."""

    endpoint: ProtectedUrl | None = None
    """Its address, such as `https://s3.example.org`; without it, that of AWS in the region. A bucket is named in the
    path, as most servers want it."""
    region: str = Field(default="us-east-1", min_length=1)
    """The region; servers of other vendors mostly take any."""
    bucket: BucketName
    """The bucket. It must be there: Herald makes none."""
    prefix: Prefix = "herald/"
    """What the names of all objects begin with."""
    access_key_id_file: Path | None = None
    """A file that holds the access key's id and nothing else; read again after a refusal. Give both files, or neither
    where the machine's role gives the right (AWS)."""
    secret_access_key_file: Path | None = None
    """A file that holds the secret access key. This or `secret_access_key`."""
    secret_access_key: SecretStr | None = None
    """The secret access key: by variable only."""
    ca_file: Path | None = None
    """Certificates in PEM that are trusted besides those of the system."""
    connect_seconds: float = Field(default=5.0, gt=0, le=60)
    """The longest time to open a connection."""
    request_seconds: float = Field(default=60.0, gt=0, le=600)
    """The longest time of one request; a file goes in several, of at most `part_bytes` each."""
    retry_seconds: float = Field(default=20.0, ge=0, le=300)
    """For how long a request that failed is repeated at once; then what wanted the file waits, and tries again."""
    part_bytes: ByteSize = Field(default=ByteSize(5 * 1024 * 1024), ge=5 * 1024 * 1024, le=64 * 1024 * 1024)
    """The parts in which a larger file is written; each file that is being written has one or two in memory."""

    @model_validator(mode="after")
    def _usable(self) -> S3Settings:
        if self.secret_access_key_file is not None and self.secret_access_key is not None:
            raise ValueError("give either secret_access_key_file or secret_access_key")
        secret = self.secret_access_key_file or self.secret_access_key
        if (self.access_key_id_file is None) != (secret is None):
            raise ValueError("give access_key_id_file and the secret access key, or neither")
        return self


class SignedUrlSettings(SettingsModel):
    """Addresses that Herald signs (HMAC-SHA-256). Whoever has one can use it until it expires."""

    key_file: Path
    """The file with the keys: 32 to 200 letters, digits, `-` and `_` each, a line each. The first signs and all are
    accepted, so that a new one can be introduced before the earlier one is removed. Workers and receivers need the
    same; changes are noticed while they run."""
    base_url: ProtectedUrl
    """The receiver's address as the hospitals see it, such as `https://herald.hospital.example:8443`."""
    seconds: int = Field(default=3600, ge=10, le=7 * 24 * 3600)
    """For how long an address in a reply or notification can be used."""


class FilesSettings(SettingsModel):
    """The file store. Without this section there is none: what is too large for Kafka is left out of replies."""

    backend: Backend = Backend.POSTGRES
    """Where the bytes lie: in the journal's database, or in object storage. What is known of files is always in the
    journal. After a change, files of the earlier backend are still read where its settings are still there."""
    s3: S3Settings | None = None
    """The object storage; needed for `backend: s3`."""
    max_file_bytes: ByteSize = Field(default=ByteSize(64 * 1024 * 1024), ge=1024, le=2 * 1024 * 1024 * 1024)
    """The largest file, in either direction."""
    keep_days: int | None = Field(default=None, ge=1, le=3650)
    """Days for which a file is kept that a reply, a notification or an event refers to; by default
    `journal.retention.evidence_days`. While its submission waits for a person, it is kept longer."""
    upload_days: int = Field(default=7, ge=1, le=365)
    """Days for which an uploaded file is kept that no event refers to."""
    transfers: int = Field(default=8, ge=1, le=64)
    """Files that one process writes at the same time; the others wait."""
    access_days: int = Field(default=365, ge=1, le=3650)
    """Days for which it is kept who fetched and uploaded which file, and that a file which is gone was there."""
    signed_urls: SignedUrlSettings | None = None
    """Addresses that fetch a file without a client certificate; without this section there are none."""

    @model_validator(mode="after")
    def _has_its_backend(self) -> FilesSettings:
        if self.backend is Backend.S3 and self.s3 is None:
            raise ValueError("backend: s3 needs the section s3")
        return self
