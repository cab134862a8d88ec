"""A signer process with a token that misbehaves as SoftHSM cannot: it locks, hangs, crashes, and is pulled out.

The directory of the "module" holds the token's state in files, so that a test changes it, and several processes see one
token: `pin` (the right one), `key.pem`, `certificate.der`, `tries` (a line for each login), `flags` (names of flags),
and, while they exist, `pulled`, `full` (no more sessions), `hang-login`, `hang-sign`, `crash-sign` (a number of times),
`doubtful-login`.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from worker.signing.pkcs11.faults import Fault, TokenFault
from worker.signing.pkcs11.mechanisms import DIGEST_INFO_SHA256
from worker.signing.pkcs11.module import CertificateFacts, KeyFacts, TokenFacts
from worker.signing.pkcs11.serving import serve

COMMAND = (sys.executable, "-m", "tests.support.pkcs11.fake_process")
SERIAL = "0f0e0d0c"
LOCKS_AFTER = 3
_FOR_EVER = 600.0


class FakeModule:
    """The directory as a library with one token and one key."""

    def __init__(self, path: str) -> None:
        self._state = Path(path).parent
        self._open = False
        self._key = load_pem_private_key(
            (self._state / "key.pem").read_bytes(), None, unsafe_skip_rsa_key_validation=True
        )

    def tokens(self) -> list[TokenFacts]:
        """Return the token, unless it is pulled out."""
        if self._has("pulled"):
            return []
        flags = self._read("flags").split()
        return [
            TokenFacts(
                label="fake",
                serial=SERIAL,
                slot=0,
                login_required=True,
                pin_pad="pin_pad" in flags,
                pin_count_low="pin_count_low" in flags or self.wrong_tries() > 0,
                pin_final_try="pin_final_try" in flags or self.wrong_tries() == LOCKS_AFTER - 1,
                pin_locked="pin_locked" in flags or self.wrong_tries() >= LOCKS_AFTER,
            )
        ]

    def open(self, slot: int, pin: bytearray | None) -> None:
        """Judge the PIN as a token does: it counts wrong ones, and locks."""
        del slot
        self._here()
        if self._has("full"):
            raise TokenFault(Fault.FAILED, "SessionCount")
        if pin is None:
            raise TokenFault(Fault.PIN_UNUSABLE, "UserPinNotInitialized")
        self._judge(pin)
        self._open = True

    def keys(self) -> list[KeyFacts]:
        """Return the key."""
        self._here()
        return [KeyFacts(7, b"\x01", "fake", always=self._has("always"))]

    def certificates(self) -> list[CertificateFacts]:
        """Return its certificate."""
        self._here()
        return [CertificateFacts(b"\x01", (self._state / "certificate.der").read_bytes())]

    def sign(self, handle: int, mechanism: str, data: bytes, pin: bytearray | None) -> bytes:
        """Sign, or do what the files say."""
        del handle, mechanism
        self._here()
        if not self._open:
            raise TokenFault(Fault.FAILED, "UserNotLoggedIn")
        if self._has("always"):
            self._judge(pin or bytearray())
        if self._has("hang-sign"):
            time.sleep(_FOR_EVER)
        if self._take("crash-sign"):
            os.kill(os.getpid(), signal.SIGSEGV)
        return self._key.sign(data.removeprefix(DIGEST_INFO_SHA256), PKCS1v15(), Prehashed(SHA256()))

    def close(self) -> None:
        """Nothing is held."""

    def wrong_tries(self) -> int:
        """Return the wrong logins since the last right one."""
        return len(self._read("tries").rpartition("right")[2].split())

    def _judge(self, pin: bytearray) -> None:
        if self._has("hang-login"):
            time.sleep(_FOR_EVER)
        if self._has("doubtful-login"):
            raise TokenFault(Fault.PIN_DOUBTFUL, "GeneralError")
        if self.wrong_tries() >= LOCKS_AFTER:
            raise TokenFault(Fault.PIN_LOCKED, "PinLocked")
        right = pin.decode() == self._read("pin")
        with (self._state / "tries").open("a") as tries:
            tries.write("right\n" if right else "wrong\n")
        if not right:
            raise TokenFault(Fault.PIN_REFUSED, "PinIncorrect")

    def _here(self) -> None:
        if self._has("pulled"):
            self._open = False
            raise TokenFault(Fault.FAILED, "DeviceRemoved")

    def _has(self, name: str) -> bool:
        return (self._state / name).exists()

    def _read(self, name: str) -> str:
        return (self._state / name).read_text() if self._has(name) else ""

    def _take(self, name: str) -> bool:
        """Whether one more of a number of times is left."""
        left = int(self._read(name) or 0)
        if left:
            (self._state / name).write_text(str(left - 1))
        return left > 0


if __name__ == "__main__":
    serve(FakeModule)
    os._exit(0)
