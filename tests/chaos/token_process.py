"""The signer process of a run: the real one, but for the module of the token that counts its logins."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from tests.support.pkcs11.fake_process import FakeModule
from worker.signing.pkcs11.cryptoki import Cryptoki
from worker.signing.pkcs11.module import Module
from worker.signing.pkcs11.serving import serve

NAME = "tests.chaos.token_process"
COMMAND = (sys.executable, "-m", NAME)


def module(path: str) -> Module:
    """Load a module. The fake token's is an empty file beside the token's state."""
    return FakeModule(path) if Path(path).with_name("key.pem").is_file() else Cryptoki(path)


if __name__ == "__main__":
    serve(module)
    os._exit(0)
