"""What an operator configures of a signer with B-Trust's Automatic Remote Signing."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, SecretStr, model_validator

from worker.setting_types import HttpsUrl, must_be
from worker.signing.algorithms import SignatureAlgorithm
from worker.signing.remote.secret_settings import require_one
from worker.signing.remote.settings import RemoteSigner

_Word = Annotated[str, must_be(r"[A-Z0-9_]{1,100}", "capital letters, digits and underscores")]


class BtrustSigner(RemoteSigner):
    """A certificate at B-Trust that signs automatically, after its holder's consent."""

    kind: Literal["btrust-ars"]
    """The kind of the signer: B-Trust's Automatic Remote Signing."""
    url: HttpsUrl
    """The address of the service with its prefix, up to `/arsign/sync`, which Herald adds. It is not public: BORICA
    states it in the contract."""
    token_file: Path | None = None
    """A file that holds the access token of the holder's consent. This or `token`."""
    token: SecretStr | None = None
    """The token itself: by variable only."""
    certificate_file: Path
    """The holder's certificate in PEM, followed by its issuers: the service does not return it."""
    relying_party_id: Annotated[str, must_be(r"[!-~]{1,200}", "visible ASCII without spaces")] | None = None
    """The identifier that BORICA gives to the hospital, sent as the header `relyingPartyID`. Whether this service needs
    it is not known (the interactive one does)."""
    content_format: _Word = "DIGEST"
    """How the content is marked. Herald sends digests; that the service takes `DIGEST` is not confirmed."""
    signature_type: _Word = "SIGNATURE"
    """The type of signature that is asked for: the bare one."""
    hash_algorithm: _Word | None = "SHA256"
    """The field `hashAlgorithm` of each content, as the interactive service has it; `null` leaves it out."""
    confirm_text: Annotated[str, Field(min_length=1, max_length=200)] = "Herald"
    """The text that stands for each content in the provider's records. Nothing of a patient belongs here."""
    algorithm: SignatureAlgorithm | None = None
    """The signature algorithm; by default that of the certificate's key."""

    @model_validator(mode="after")
    def _one_token(self) -> Self:
        require_one("token", self.token_file, self.token)
        return self
