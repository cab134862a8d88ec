"""What each error of python-pkcs11 leads to: the table is held against the library's own list."""

from __future__ import annotations

import pkcs11.exceptions
import pytest

from worker.signing.pkcs11.call_errors import (
    _MECHANISM,
    _NOT_JUDGED,
    _PIN,
    of_call,
    of_loading,
    of_login,
    of_signature,
)
from worker.signing.pkcs11.faults import Fault

KNOWN = {name for name in vars(pkcs11.exceptions) if name[0].isupper()} | {"CryptokiNotInitialized"}


def test_every_name_in_the_tables_exists():
    assert {*_MECHANISM, *_PIN, *_NOT_JUDGED} <= KNOWN


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        ("DeviceRemoved", Fault.FAILED),
        ("TokenNotPresent", Fault.FAILED),
        ("SessionHandleInvalid", Fault.FAILED),
        ("ObjectHandleInvalid", Fault.FAILED),
        ("UserNotLoggedIn", Fault.FAILED),
        ("GeneralError", Fault.FAILED),
        ("a name of later versions", Fault.FAILED),
        ("MechanismInvalid", Fault.MECHANISM),
        ("KeySizeRange", Fault.MECHANISM),
    ],
)
def test_a_call(name, fault):
    assert of_call(name, "text of a library").fault is fault
    assert of_signature(name, "text of a library").fault is fault


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        ("PinIncorrect", Fault.PIN_REFUSED),
        ("PinLenRange", Fault.PIN_REFUSED),
        ("PinLocked", Fault.PIN_LOCKED),
        ("PinExpired", Fault.PIN_UNUSABLE),
        ("DeviceRemoved", Fault.PIN_NOT_JUDGED),
        ("SessionCount", Fault.PIN_NOT_JUDGED),
        ("GeneralError", Fault.PIN_DOUBTFUL),
        ("FunctionFailed", Fault.PIN_DOUBTFUL),
        ("DeviceError", Fault.PIN_DOUBTFUL),
        ("PKCS11Error", Fault.PIN_DOUBTFUL),
    ],
)
def test_a_login(name, fault):
    assert of_login(name, "text of a library").fault is fault


@pytest.mark.parametrize("name", ["PinIncorrect", "PinLocked", "PinExpired"])
def test_a_signature_that_wants_the_pin_judges_it_as_a_login_does(name):
    assert of_signature(name, "").fault is of_login(name, "").fault


@pytest.mark.parametrize("of", [of_call, of_login, of_signature])
def test_a_librarys_own_text_goes_nowhere(of):
    assert "4711" not in str(of("GeneralError", "pin 4711"))


def test_a_library_that_the_loader_refuses_is_a_fault_of_the_module():
    text = (
        "OS exception while loading /x.so: /x.so: cannot open shared object file: No such file or directory"
    )
    fault = of_loading("PKCS11Error", text)

    assert fault.fault is Fault.MODULE
    assert fault.detail == "/x.so: cannot open shared object file: No such file or directory"


def test_a_library_that_does_not_initialise_may_do_so_later():
    assert of_loading("DeviceError", "").fault is Fault.FAILED
