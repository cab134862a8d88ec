"""An invented system that calls Herald: it signs its calls with HMAC-SHA-256, as such systems do."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any, Literal

from pydantic import Field

from contracts.model import ContractModel
from contracts.notification_contract import NotificationContract
from worker.notice import Notice
from worker.systems.calls import Call, CallAnswer, CallRefused, CallUnverified, LookNow, Ready, Received

NAME = "nhis"
"""It stands in the place of a system of the registry, so that settings name it."""
KEY = b"an invented key that signs calls"
SIGNATURE = "x-signature"
TYPE = f"{NAME}.payment.status-changed.v1"
EXAMPLE = {"paymentId": "17", "status": "paid"}


class StatusChanged(ContractModel):
    """What became of an invented payment."""

    payment_id: str = Field(max_length=40)
    status: Literal["pending", "paid", "canceled"]
    note: str | None = Field(default=None, max_length=2_000_000)


CONTRACT = NotificationContract(
    NAME,
    "payment.status-changed",
    "A payment changed",
    "Invented for tests.",
    StatusChanged,
    EXAMPLE,
    workers=(NAME,),
)
TYPES: Mapping[str, NotificationContract] = {TYPE: CONTRACT}


def signed(body: bytes, key: bytes = KEY) -> dict[str, str]:
    """Return the headers of an authentic call."""
    return {SIGNATURE: hmac.digest(key, body, "sha256").hex()}


def body_of(number: object, status: str = "paid", **more: Any) -> bytes:
    """Return the body of a call about one payment."""
    return json.dumps({"id": f"n-{number}", "paymentId": str(number), "status": status, **more}).encode()


class InventedSystem:
    """Implements `ReceivesCalls`. Bodies may ask for what else a system may return."""

    name = NAME

    def __init__(self) -> None:
        self.calls: list[Call] = []

    async def receive(self, call: Call) -> Received:
        self.calls.append(call)
        if call.path not in {"", "status"}:
            return CallRefused(404, "there is no such path")
        if call.method != "POST":
            return CallRefused(405, "it is no POST")
        expected = hmac.digest(KEY, call.body, "sha256").hex()
        if not hmac.compare_digest(expected.encode(), call.headers.get(SIGNATURE, "").encode()):
            return CallRefused(401, "its signature does not fit")
        return _read(call.body)

    def receipt(self, call: Call) -> CallAnswer:
        return CallAnswer(200, b'{"success":true}', "application/json")

    async def close(self) -> None:
        """Have nothing to close."""

    def refusal(self, call: Call, status: int) -> CallAnswer:
        return CallAnswer(
            status, json.dumps({"success": False, "status": status}).encode(), "application/json"
        )


def _read(body: bytes) -> Received:  # noqa: PLR0911 - one for each thing that it may ask for
    try:
        said = json.loads(body)
        asks = said.pop("asks", None)
        key = said.pop("id", None)
    except (ValueError, AttributeError, TypeError):
        return CallRefused(400, "it is no JSON object")
    match asks:
        case "look":
            return LookNow(said.get("watch"))
        case "ready":
            return Ready(said["ready"])
        case "unverified":
            return CallUnverified("the system cannot be asked")
        case "defect":
            raise RuntimeError(f"a defect that quotes {said}")
        case "nothing":
            return ()
        case "wrong-type":
            return (Notice("k", f"{NAME}.other.v1", said),)
    if not isinstance(key, str):
        return CallRefused(400, "it names nothing")
    copies = said.pop("copies", 1)
    names = [key, *(f"{key}-{number}" for number in range(1, copies))]
    return tuple(Notice(name, TYPE, said, reference=said.get("paymentId")) for name in names)


def digest(text: str) -> str:
    """Return the SHA-256 of a text in hexadecimal digits."""
    return hashlib.sha256(text.encode()).hexdigest()
