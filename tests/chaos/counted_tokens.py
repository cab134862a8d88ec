"""Lets a worker's signers use the token that counts its logins, beside real ones."""

from __future__ import annotations

from functools import partial

from tests.chaos.token_process import COMMAND
from worker.signing import registry
from worker.signing.pkcs11.building import Tokens


def install() -> None:
    """Let this process's worker start the signer processes of a run."""
    registry.Tokens = partial(Tokens, COMMAND)  # type: ignore[assignment,misc]
