"""What all signers have in common: trust anchors, revocation, and how soon changed files are noticed."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, HttpUrl, model_validator

from worker.setting_types import SettingsModel

CrlPlace = Annotated[HttpUrl | Path, Field(union_mode="left_to_right")]


class RevocationSettings(SettingsModel):
    """Whether signers' certificates are asked about before they sign. With no such section they are not."""

    by: Literal["crl", "ocsp"]
    """By revocation lists (`crl`), or by asking the authority's responder about each certificate (`ocsp`)."""
    crls: tuple[CrlPlace, ...] = ()
    """With `crl`: the lists of the signers' authorities, each a file (DER or PEM) or an address. A list is read again
    before it ends, and at least every hour."""
    ocsp_url: HttpUrl | None = None
    """With `ocsp`: the responder's address; by default the one that each certificate names."""
    when_unknown: Literal["sign", "refuse"] = "refuse"
    """What to do while no current list or answer is known: `refuse` lets submissions wait and tries again, `sign`
    signs all the same and logs a warning."""
    timeout: Annotated[float, Field(gt=0, le=60)] = 10.0
    """The longest time in seconds for one request."""
    max_bytes: Annotated[int, Field(gt=0)] = 16 * 1024 * 1024
    """The largest list or answer."""

    @model_validator(mode="after")
    def _places(self) -> Self:
        if (self.by == "crl") != bool(self.crls):
            raise ValueError("crls must be given with by: crl, and only there")
        if self.by == "crl" and self.ocsp_url is not None:
            raise ValueError("ocsp_url is used only with by: ocsp")
        return self


class SigningSettings(SettingsModel):
    """What all signers have in common."""

    trust_anchors: Path | None = None
    """PEM certificates of authorities: a signer's certificate must chain to one of them before it signs. By default
    the chain is not judged."""
    revocation: RevocationSettings | None = None
    """Whether signers' certificates are checked for revocation. By default they are not."""
    reload_seconds: Annotated[float, Field(gt=0, le=3600)] = 10.0
    """How often the worker looks whether a file of a signer or of a system has changed (keys, passwords, trusted
    certificates). What has changed is loaded and checked, and replaces the old without a restart."""
