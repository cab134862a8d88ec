"""What an operator configures of a signer at a provider with the CSC API."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import Field, SecretStr, field_validator, model_validator

from worker.setting_types import HttpsUrl
from worker.signing.algorithms import SignatureAlgorithm
from worker.signing.remote.secret_settings import require_one
from worker.signing.remote.settings import RemoteSigner

NEEDS_A_PERSON = {
    "oauth2code": "a person must log in at the provider for each authorisation",
    "otp": "a person must read a one-time password for each authorisation",
    "passwordoob": "a person must confirm each authorisation on a device",
    "challengeresponse": "a person must answer a challenge for each authorisation",
    "challengeresponseoob": "a person must answer a challenge on a device for each authorisation",
    "implicit": "the provider itself asks the person for each authorisation",
}
"""Why a way to authorise signatures cannot be used, by its name in the API in small letters."""


class CscSigner(RemoteSigner):
    """A credential at a provider with the API of the Cloud Signature Consortium."""

    kind: Literal["csc"]
    """The kind of the signer: a credential at a provider with the CSC API."""
    url: HttpsUrl
    """The provider's address, up to `/csc/v2`, which Herald adds: `https://signing.example.bg`."""
    api: Literal["v2", "v1.0.4"] = "v2"
    """The version of the API."""
    credential_id: Annotated[str, Field(min_length=1, max_length=1000)]
    """The credential's identifier at the provider."""
    service_auth: Literal["oauth2-client", "basic", "tls"] = "oauth2-client"
    """How Herald proves to the provider who it is: OAuth2 client credentials, a user's name and password, or
    `client_certificate` alone."""
    client_id: Annotated[str, Field(min_length=1)] | None = None
    """The OAuth2 client, or the user's name for `basic`."""
    client_secret_file: Path | None = None
    """A file that holds the client's secret, or the user's password. This or `client_secret`."""
    client_secret: SecretStr | None = None
    """The secret itself: by variable only."""
    token_url: HttpsUrl | None = None
    """The address that grants access tokens, where the provider's `info` does not state its OAuth2 server."""
    credential_auth: Literal["pin", "access-token"] = "pin"
    """How signatures are authorised: by `credentials/authorize`, with the PIN where one is configured, or by the access
    token alone, which some providers allow for seals."""
    pin_file: Path | None = None
    """A file that holds the PIN or password of the credential. This or `pin`, or neither if the credential has none."""
    pin: SecretStr | None = None
    """The PIN itself: by variable only."""
    signatures_per_authorization: Annotated[int, Field(ge=1, le=100_000)] = 100
    """Signatures that Herald asks for with one authorisation, where that is not bound to digests (SCAL1). The
    credential's own limit (`multisign`) counts as well."""
    algorithm: SignatureAlgorithm | None = None
    """The signature algorithm; by default that of the certificate's key."""
    asynchronous: bool = False
    """Ask the provider for its asynchronous mode. Herald understands asynchronous answers in any case."""
    poll_interval: Annotated[float, Field(ge=0.05, le=60)] = 1.0
    """The time between two questions for an asynchronous answer."""
    poll_timeout: Annotated[float, Field(gt=0, le=600)] = 60.0
    """The longest time until an asynchronous answer."""

    @field_validator("credential_auth", "service_auth", mode="before")
    @classmethod
    def _unattended(cls, value: Any) -> Any:
        why = NEEDS_A_PERSON.get(str(value).lower().replace("-", ""))
        if why is not None:
            raise ValueError(f"cannot be {value}: {why}, and Herald signs without one")
        return value

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.service_auth == "tls":
            if self.client_certificate is None:
                raise ValueError("service_auth tls needs client_certificate")
            if self.client_id or self.client_secret_file or self.client_secret:
                raise ValueError("service_auth tls takes neither client_id nor client_secret")
            return self
        if self.client_id is None:
            raise ValueError(f"service_auth {self.service_auth} needs client_id")
        require_one("client_secret", self.client_secret_file, self.client_secret)
        return self

    @model_validator(mode="after")
    def _one_pin(self) -> Self:
        if self.pin_file is not None and self.pin is not None:
            raise ValueError("at most one of pin_file and pin must be given")
        if self.credential_auth == "access-token" and (self.pin_file or self.pin):
            raise ValueError("credential_auth access-token takes no pin")
        if self.asynchronous and self.api != "v2":
            raise ValueError("asynchronous needs api v2")
        return self
