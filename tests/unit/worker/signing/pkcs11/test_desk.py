"""What a signer process answers: the module's results, its faults, and of the PIN nothing."""

from __future__ import annotations

import pytest

from worker.signing.pkcs11.desk import Desk
from worker.signing.pkcs11.faults import Fault, TokenFault
from worker.signing.pkcs11.module import CertificateFacts, KeyFacts, TokenFacts

FACTS = TokenFacts("hsm", "01", 3, True, False, False, False, False)


class Module:
    """Remembers what it was asked."""

    def __init__(self, *, always: bool = False, failing: BaseException | None = None) -> None:
        self._always = always
        self._failing = failing
        self.opened: tuple[int, bytes | None] | None = None
        self.given: bytearray | None = None
        self.signed_with: list[bytes | None] = []
        self.closed = False

    def tokens(self):
        return [FACTS]

    def open(self, slot, pin):
        self.opened, self.given = (slot, None if pin is None else bytes(pin)), pin
        if self._failing:
            raise self._failing

    def keys(self):
        return [KeyFacts(9, b"\x01", "key", always=self._always)]

    def certificates(self):
        return [CertificateFacts(b"\x01", b"der")]

    def sign(self, handle, mechanism, data, pin):
        self.signed_with.append(None if pin is None else bytes(pin))
        return f"{handle} {mechanism} {data.decode()}".encode()

    def close(self):
        self.closed = True


def opened(module: Module) -> Desk:
    desk = Desk(lambda _: module)
    desk.answer({"act": "load", "path": "/m.so"}, [])
    desk.answer({"act": "open", "slot": 3}, [bytearray(b"4711")])
    return desk


def test_tokens_and_what_they_hold_are_told():
    desk = opened(Module())

    told, _ = desk.answer({"act": "tokens"}, [])
    assert TokenFacts(**told["tokens"][0]) == FACTS
    assert desk.answer({"act": "inventory"}, []) == (
        {"keys": [{"handle": 9, "id": "01", "label": "key", "always": False}], "certificates": ["01"]},
        [b"der"],
    )


def test_a_signature_needs_no_pin_and_the_pin_is_forgotten():
    module = Module()
    desk = opened(module)
    desk.answer({"act": "inventory"}, [])

    answer = desk.answer({"act": "sign", "key": 9, "mechanism": "RSA_PKCS"}, [bytearray(b"data")])

    assert answer == ({}, [b"9 RSA_PKCS data"])
    assert module.opened == (3, b"4711")
    assert module.signed_with == [None]
    assert module.given == bytearray(4)


def test_a_key_that_wants_the_pin_each_time_gets_it():
    module = Module(always=True)
    desk = opened(module)
    desk.answer({"act": "inventory"}, [])
    desk.answer({"act": "sign", "key": 9, "mechanism": "RSA_PKCS"}, [bytearray(b"data")])
    desk.close()

    assert module.signed_with == [b"4711"]
    assert module.given == bytearray(4)
    assert module.closed


def test_a_fault_is_told_and_the_pin_forgotten():
    module = Module(failing=TokenFault(Fault.PIN_REFUSED, "PinIncorrect"))
    desk = Desk(lambda _: module)
    desk.answer({"act": "load", "path": "/m.so"}, [])

    answer = desk.answer({"act": "open", "slot": 3}, [bytearray(b"4711")])

    assert answer == ({"fault": "pin-refused", "detail": "PinIncorrect"}, ())
    assert module.given == bytearray(4)


@pytest.mark.parametrize("request_", [{"act": "tokens"}, {"act": "unknown"}, {}])
def test_what_cannot_be_done_is_a_fault_and_no_end(request_):
    answer, _ = Desk(lambda _: Module()).answer(request_, [])

    assert answer["fault"] == "failed"


def test_the_text_of_a_defect_goes_nowhere():
    module = Module(failing=ValueError("the pin was 4711"))
    desk = Desk(lambda _: module)
    desk.answer({"act": "load", "path": "/m.so"}, [])

    answer = desk.answer({"act": "open", "slot": 3}, [bytearray(b"4711")])

    assert answer == ({"fault": "failed", "detail": "ValueError"}, ())
