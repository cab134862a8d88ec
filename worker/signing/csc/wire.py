"""Paths and bodies of requests, in both versions of the API. No I/O."""

from __future__ import annotations

from base64 import b64encode
from typing import TYPE_CHECKING, Any

from contracts.immutable import immutable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from worker.signing.csc.credential import Credential

INFO = "info"
LOGIN = "auth/login"
CREDENTIAL = "credentials/info"
AUTHORIZE = "credentials/authorize"
AUTHORIZE_CHECK = "credentials/authorizeCheck"
EXTEND = "credentials/extendTransaction"
SIGN = "signatures/signHash"
POLL = "signatures/signPolling"


@immutable
class Wire:
    """The requests of one credential in one version of the API."""

    version: str
    credential_id: str

    @property
    def second(self) -> bool:
        """Whether this is version 2."""
        return self.version == "v2"

    def url(self, base: str, method: str) -> str:
        """Return the address of a method below the provider's."""
        return f"{base.rstrip('/')}/csc/{'v2' if self.second else 'v1'}/{method}"

    def credential(self) -> Mapping[str, Any]:
        """Return the body that asks for the credential with its chain of certificates."""
        asked = {"credentialID": self.credential_id, "certificates": "chain", "certInfo": True}
        return {**asked, "authInfo": True}

    def authorize(
        self, credential: Credential, hashes: Sequence[bytes], count: int, secret: str | None
    ) -> Mapping[str, Any]:
        """Return the body that asks for ``count`` signatures; ``hashes`` where the authorisation is bound to them."""
        body: dict[str, Any] = {"credentialID": self.credential_id, "numSignatures": count}
        if credential.bound:
            body |= self._hashes(credential, hashes)
        if secret is not None and credential.secret_id is not None:
            body |= (
                {"authData": [{"id": credential.secret_id, "value": secret}]}
                if self.second
                else {"PIN": secret}
            )
        return body

    def extend(self, sad: str) -> Mapping[str, Any]:
        """Return the body that asks for another authorisation in place of one that ends soon."""
        return {"credentialID": self.credential_id, "SAD": sad}

    def sign(
        self, credential: Credential, hashes: Sequence[bytes], sad: str | None, *, asynchronous: bool
    ) -> Mapping[str, Any]:
        """Return the body that asks for signatures."""
        body = {"credentialID": self.credential_id, **self._hashes(credential, hashes)}
        body["signAlgo"] = credential.sign_algorithm
        if credential.sign_parameters is not None:
            body["signAlgoParams"] = credential.sign_parameters
        if sad is not None:
            body["SAD"] = sad
        if asynchronous:
            body["operationMode"] = "A"
        return body

    def _hashes(self, credential: Credential, hashes: Sequence[bytes]) -> dict[str, Any]:
        encoded = [b64encode(one).decode() for one in hashes]
        if self.second:
            return {"hashes": encoded, "hashAlgorithmOID": credential.hash_algorithm}
        return {"hash": encoded, "hashAlgo": credential.hash_algorithm}


def check_handle(handle: str) -> Mapping[str, Any]:
    """Return the body that asks whether an authorisation was given meanwhile."""
    return {"handle": handle}


def poll(response_id: str) -> Mapping[str, Any]:
    """Return the body that asks for the signatures of an asynchronous answer."""
    return {"requestID": response_id}
