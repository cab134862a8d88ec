"""The signer process of a run: the real one, but for the module of the token that counts its logins."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from tests.support.pkcs11.fake_process import FakeModule
from worker.signing.pkcs11.cryptoki import Cryptoki
from worker.signing.pkcs11.module import Module, TokenFacts
from worker.signing.pkcs11.serving import serve

NAME = "tests.chaos.token_process"
COMMAND = (sys.executable, "-m", NAME)


MISSED = "missed"


class NotedCryptoki(Cryptoki):
    """A real module; each time when it shows no token is noted in a file beside SoftHSM's configuration."""

    def tokens(self) -> list[TokenFacts]:
        """Return the tokens that are present now."""
        found = super().tokens()
        if not found:
            with Path(os.environ["SOFTHSM2_CONF"]).with_name(MISSED).open("a") as missed:
                missed.write("missed\n")
        return found


def module(path: str) -> Module:
    """Load a module. The fake token's is an empty file beside the token's state."""
    return FakeModule(path) if Path(path).with_name("key.pem").is_file() else NotedCryptoki(path)


if __name__ == "__main__":
    serve(module)
    os._exit(0)
