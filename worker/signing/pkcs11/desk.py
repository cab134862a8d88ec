"""What a signer process answers to each request. It holds one library and one token, and decides nothing."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any, TypeAlias

from worker.signing.pkcs11.faults import Fault, TokenFault
from worker.signing.pkcs11.frames import wipe

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from worker.signing.pkcs11.module import Module

Answer: TypeAlias = "tuple[dict[str, Any], Sequence[bytes]]"
"""The fields and the byte strings of a frame."""


class Desk:
    """Requests in, answers out, one after the other.

    ``load`` opens a library by its path. The PIN stays here only for keys that want a login for each signature.
    """

    def __init__(self, load: Callable[[str], Module]) -> None:
        self._load = load
        self._module: Module | None = None
        self._pin: bytearray | None = None
        self._always: frozenset[int] = frozenset()
        self._acts: dict[str, Callable[[dict[str, Any], Sequence[bytearray]], Answer]] = {
            "load": self._load_library,
            "tokens": self._tokens,
            "open": self._open,
            "inventory": self._inventory,
            "sign": self._sign,
        }

    def answer(self, fields: dict[str, Any], blobs: Sequence[bytearray]) -> Answer:
        """Do what is asked for, and return the answer, or the fault."""
        try:
            return self._acts[fields["act"]](fields, blobs)
        except TokenFault as fault:
            return {"fault": fault.fault.value, "detail": fault.detail}, ()
        except Exception as defect:  # noqa: BLE001 - of a maker's library or of ours; the text could hold anything
            return {"fault": Fault.FAILED.value, "detail": type(defect).__name__}, ()

    def close(self) -> None:
        """Forget the PIN and let the library go."""
        self._forget()
        if self._module is not None:
            self._module.close()

    def _load_library(self, fields: dict[str, Any], blobs: Sequence[bytearray]) -> Answer:
        del blobs
        self._module = self._load(fields["path"])
        return {}, ()

    def _tokens(self, fields: dict[str, Any], blobs: Sequence[bytearray]) -> Answer:
        del fields, blobs
        return {"tokens": [asdict(one) for one in self._library.tokens()]}, ()

    def _open(self, fields: dict[str, Any], blobs: Sequence[bytearray]) -> Answer:
        self._pin = bytearray(blobs[0]) if blobs else None
        try:
            self._library.open(fields["slot"], self._pin)
        except BaseException:
            self._forget()
            raise
        return {}, ()

    def _inventory(self, fields: dict[str, Any], blobs: Sequence[bytearray]) -> Answer:
        del fields, blobs
        keys, certificates = self._library.keys(), self._library.certificates()
        self._always = frozenset(key.handle for key in keys if key.always)
        if not self._always:
            self._forget()
        told = [
            {"handle": key.handle, "id": key.id.hex(), "label": key.label, "always": key.always}
            for key in keys
        ]
        ids = [one.id.hex() for one in certificates]
        return {"keys": told, "certificates": ids}, [one.der for one in certificates]

    def _sign(self, fields: dict[str, Any], blobs: Sequence[bytearray]) -> Answer:
        handle = fields["key"]
        pin = self._pin if handle in self._always else None
        return {}, [self._library.sign(handle, fields["mechanism"], bytes(blobs[0]), pin)]

    @property
    def _library(self) -> Module:
        if self._module is None:
            raise TokenFault(Fault.FAILED, "no library is loaded")
        return self._module

    def _forget(self) -> None:
        if self._pin is not None:
            wipe(self._pin)
            self._pin = None
