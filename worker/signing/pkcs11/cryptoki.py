"""A PKCS#11 library by python-pkcs11, as `module.Module`.

python-pkcs11 initialises libraries without locks: this may be used by one thread alone. The session that logged in is
kept for the token's whole life, because its end would log out every other session of the process.
"""

from __future__ import annotations

from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from pkcs11 import MGF, Attribute, Mechanism, ObjectClass, PKCS11Error, SlotFlag, TokenFlag, lib
from pkcs11.attributes import AttributeMapper

from worker.signing.pkcs11.call_errors import of_call, of_loading, of_login, of_signature
from worker.signing.pkcs11.faults import Fault, TokenFault
from worker.signing.pkcs11.module import CertificateFacts, KeyFacts, TokenFacts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pkcs11 import Session, Token

_PSS_SHA256 = (Mechanism.SHA256, MGF.SHA256, 32)
"""Digest, mask generation and length of the salt: the only form that Herald's algorithms have."""


class Cryptoki:
    """The library, and one open token of it."""

    def __init__(self, path: str) -> None:
        with _faults(of_loading):
            self._library = lib(path)
        self._keeper: Session | None = None
        self._signing: Session | None = None
        self._keys: dict[int, Any] = {}

    def tokens(self) -> list[TokenFacts]:
        """Return the tokens that are present now."""
        with _faults(of_call):
            return [_facts(one) for one in self._present()]

    def open(self, slot: int, pin: bytearray | None) -> None:
        """Open the session that signs, and log in with the PIN, once."""
        with _faults(of_call):
            token = next((one for one in self._present() if one.slot.slot_id == slot), None)
        if token is None:
            raise TokenFault(Fault.NO_TOKEN, "the slot is empty")
        with _faults(of_call):  # first, so that what keeps sessions from opening is no failed login
            self._signing = token.open(attribute_mapper=_Lenient())
        if pin is not None:
            with _faults(of_login):
                self._keeper = token.open(user_pin=pin.decode())

    def keys(self) -> list[KeyFacts]:
        """Return the private keys whose CKA_SIGN is true."""
        with _faults(of_call):
            found = [one for one in self._objects(ObjectClass.PRIVATE_KEY) if hasattr(one, "sign")]
            self._keys = {key.handle: key for key in found}
            return [_key(handle, key) for handle, key in self._keys.items()]

    def certificates(self) -> list[CertificateFacts]:
        """Return the certificates that have a content; some tokens store only their address."""
        with _faults(of_call):
            found = [
                one.get_attributes([Attribute.ID, Attribute.VALUE])
                for one in self._objects(ObjectClass.CERTIFICATE)
            ]
        return [
            CertificateFacts(one.get(Attribute.ID, b""), one[Attribute.VALUE])
            for one in found
            if one.get(Attribute.VALUE)
        ]

    def sign(self, handle: int, mechanism: str, data: bytes, pin: bytearray | None) -> bytes:
        """Return the signature; the PIN logs in for this one signature."""
        parameter = _PSS_SHA256 if mechanism == "RSA_PKCS_PSS" else None
        with _faults(of_signature):
            signature = self._keys[handle].sign(
                data,
                mechanism=Mechanism[mechanism],
                mechanism_param=parameter,
                pin=None if pin is None else pin.decode(),
            )
        return bytes(signature)

    def close(self) -> None:
        """Log out and finalize, as far as the library still can."""
        for session in (self._signing, self._keeper):
            with suppress(PKCS11Error):
                if session is not None:
                    session.close()
        with suppress(PKCS11Error):
            self._library.finalize()

    def _present(self) -> Iterator[Token]:
        for slot in self._library.get_slots(token_present=True):
            with suppress(PKCS11Error):  # pulled between the two calls, or not recognised: no token for us
                token = slot.get_token()
                if SlotFlag.TOKEN_PRESENT in slot.flags and TokenFlag.TOKEN_INITIALIZED in token.flags:
                    yield token

    def _objects(self, kind: ObjectClass) -> list[Any]:
        if self._signing is None:
            raise TokenFault(Fault.FAILED, "the token is not open")
        return list(self._signing.get_objects({Attribute.CLASS: kind}))


class _Lenient(AttributeMapper):
    """Reads labels that are not UTF-8, too: one object of strangers must not hide a whole token."""

    def unpack_attributes(self, key: Attribute, value: bytes) -> Any:
        """Return the value of an attribute."""
        return (
            value.decode(errors="replace")
            if key == Attribute.LABEL
            else super().unpack_attributes(key, value)
        )


def _facts(token: Token) -> TokenFacts:
    flags = token.flags
    return TokenFacts(
        label=token.label,
        serial=token.serial.decode(errors="replace").strip("\0 "),
        slot=token.slot.slot_id,
        login_required=TokenFlag.LOGIN_REQUIRED in flags,
        pin_pad=TokenFlag.PROTECTED_AUTHENTICATION_PATH in flags,
        pin_count_low=TokenFlag.USER_PIN_COUNT_LOW in flags,
        pin_final_try=TokenFlag.USER_PIN_FINAL_TRY in flags,
        pin_locked=TokenFlag.USER_PIN_LOCKED in flags,
    )


def _key(handle: int, key: Any) -> KeyFacts:
    found = key.get_attributes([Attribute.ID, Attribute.LABEL])
    return KeyFacts(handle, found.get(Attribute.ID, b""), found.get(Attribute.LABEL, ""), _always(key))


def _always(key: Any) -> bool:
    """Whether each signature wants a login. Many tokens do not know the attribute, which means no."""
    try:
        return bool(key[Attribute.ALWAYS_AUTHENTICATE])
    except PKCS11Error:
        return False


@contextmanager
def _faults(of: Callable[[str, str], TokenFault]) -> Iterator[None]:
    try:
        yield
    except PKCS11Error as error:
        raise of(type(error).__name__, str(error)) from None
