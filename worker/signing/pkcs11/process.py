"""The signer process: `python -m worker.signing.pkcs11.process`."""

from __future__ import annotations

import os

from worker.signing.pkcs11.cryptoki import Cryptoki
from worker.signing.pkcs11.hardening import EXIT_NOT_HARDENED, NotHardened
from worker.signing.pkcs11.serving import serve

if __name__ == "__main__":
    try:
        serve(Cryptoki)
    except NotHardened:
        os._exit(EXIT_NOT_HARDENED)
    # A maker's library may have threads or exit handlers that hang: everything of ours is done.
    os._exit(0)
