"""What an operator configures of a signer whose key is in Vault or OpenBao."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, SecretStr, model_validator

from worker.setting_types import HttpsUrl, must_be
from worker.signing.algorithms import SignatureAlgorithm
from worker.signing.remote.secret_settings import require_one
from worker.signing.remote.settings import RemoteSigner

_NAME = r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,200}"


class VaultSigner(RemoteSigner):
    """A key in the transit engine of Vault or OpenBao: for seals, where a qualified certificate is not needed."""

    kind: Literal["vault"]
    """The kind of the signer: a key in the transit engine of Vault or OpenBao."""
    url: HttpsUrl
    """The server's address, up to `/v1`, which Herald adds."""
    mount: Annotated[
        str, must_be(rf"{_NAME}(/{_NAME})*", "a path of letters, digits, underscores, dots and hyphens")
    ] = "transit"
    """The path at which the engine is mounted."""
    namespace: Annotated[str, must_be(r"[!-~]{1,500}", "visible ASCII without spaces")] | None = None
    """The namespace, where the server has any."""
    key: Annotated[str, must_be(_NAME, "letters, digits, underscores, dots and hyphens")]
    """The key's name in the engine."""
    key_version: Annotated[int, Field(ge=1)]
    """The version of the key that the certificate is for: after a rotation in the engine its latest version is
    another key."""
    token_file: Path | None = None
    """A file that holds the token, as Vault Agent keeps it; read again when the server refuses the token. This or
    `token`."""
    token: SecretStr | None = None
    """The token itself: by variable only."""
    certificate_file: Path
    """The certificate for the key in PEM, followed by its issuers."""
    algorithm: SignatureAlgorithm | None = None
    """The signature algorithm; by default that of the certificate's key."""

    @model_validator(mode="after")
    def _one_token(self) -> Self:
        require_one("token", self.token_file, self.token)
        return self
