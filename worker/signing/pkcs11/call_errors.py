"""What an error of a PKCS#11 call means, by its name in python-pkcs11. Pure."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from worker.signing.pkcs11.faults import Fault, TokenFault

if TYPE_CHECKING:
    from collections.abc import Mapping

_MECHANISM = frozenset(
    {
        "ArgumentsBad",
        "AttributeTypeInvalid",
        "DataInvalid",
        "DataLenRange",
        "FunctionNotSupported",
        "KeySizeRange",
        "KeyTypeInconsistent",
        "MechanismInvalid",
        "MechanismParamInvalid",
    }
)
_PIN: Mapping[str, Fault] = MappingProxyType(
    {
        "PinIncorrect": Fault.PIN_REFUSED,
        "PinInvalid": Fault.PIN_REFUSED,
        "PinLenRange": Fault.PIN_REFUSED,
        "PinLocked": Fault.PIN_LOCKED,
        "PinExpired": Fault.PIN_UNUSABLE,
        "UserPinNotInitialized": Fault.PIN_UNUSABLE,
    }
)
_NOT_JUDGED = frozenset(
    {
        "AnotherUserAlreadyLoggedIn",
        "CryptokiNotInitialized",
        "DeviceMemory",
        "DeviceRemoved",
        "FunctionNotSupported",
        "HostMemory",
        "SessionClosed",
        "SessionCount",
        "SessionHandleInvalid",
        "SlotIDInvalid",
        "TokenNotPresent",
        "TokenNotRecognised",
        "UserAlreadyLoggedIn",
    }
)
_PLAIN = "PKCS11Error"
"""The base class itself: of a library that the loader refused, and of errors that python-pkcs11 has no name for."""


def of_loading(name: str, text: str) -> TokenFault:
    """Return the fault of loading and initialising a library; only the loader's words are passed on."""
    if name != _PLAIN:
        return TokenFault(Fault.FAILED, name)
    # The library's own words, then ": " and those of the loader, such as that there is no such file.
    return TokenFault(Fault.MODULE, text.partition(": ")[2] or text)


def of_call(name: str, text: str) -> TokenFault:
    """Return the fault of a call that is no login."""
    del text
    return TokenFault(Fault.MECHANISM if name in _MECHANISM else Fault.FAILED, name)


def of_signature(name: str, text: str) -> TokenFault:
    """Return the fault of a signature, which may begin with a login of its own."""
    fault = _PIN.get(name)
    return of_call(name, text) if fault is None else TokenFault(fault, name)


def of_login(name: str, text: str) -> TokenFault:
    """Return the fault of a login. What is not known to be harmless may have counted as a wrong PIN."""
    del text
    if name in _NOT_JUDGED:
        return TokenFault(Fault.PIN_NOT_JUDGED, name)
    return TokenFault(_PIN.get(name, Fault.PIN_DOUBTFUL), name)
