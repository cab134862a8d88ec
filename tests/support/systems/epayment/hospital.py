"""A hospital that asks the sandbox of ePayments: its settings, its events, and its lines in the ledger.

Payers are invented: nobody born in the 1800s is alive.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from contracts.epayment.examples import REQUEST as EXAMPLE
from tests.support.systems.scene import event
from tests.support.worker.hospital import Event
from tests.support.worker.sandbox import Sandbox

SYSTEM = "epayment"
DESK, OFFICE, STRANGER = "desk", "office", "stranger"
"""Signers: the sandbox's first client, its second one, and a client with a secret that is not its own."""
BENEFICIARY = "sandbox-municipality"
"""The client of `OFFICE`, which the extended form pays."""
REQUEST, EXTENDED = "payment.request", "payment.request-extended"
STATUS, SEARCH, CODE = "payment.status", "payment.search", "access-code.read"
SUSPEND, SET_PAID = "payment.suspend", "payment.set-paid"
SHORT = {"connect_timeout": 2, "answer_timeout": 1, "total_timeout": 2}
PAYER: Mapping[str, str] = EXAMPLE["payer"]


def client_of(sandbox: Sandbox, number: int, secret_file: Path | str | None = None) -> dict[str, Any]:
    """Return the settings of one of the sandbox's clients."""
    client = sandbox.ready["clients"][number]
    provider = {"name": client["service_name"], **{name: client[name] for name in ("bank", "bic", "iban")}}
    file = str(secret_file or client["secret_file"])
    return {"client_id": client["client_id"], "secret_file": file, "provider": provider}


def section_of(sandbox: Sandbox, **changes: Any) -> dict[str, Any]:
    """Return the settings of the system: both clients with their own secrets."""
    return {
        "service_url": sandbox.url,
        "clients": {DESK: client_of(sandbox, 0), OFFICE: client_of(sandbox, 1)},
        "transport": {"ca_file": sandbox.ca_file, **SHORT},
        **changes,
    }


def ais(name: str) -> str:
    """Return the hospital's own identifier of the payment request of a case."""
    return "T-" + name.replace(" ", "-")


def requested(
    name: str,
    operation: str = REQUEST,
    signer: str = DESK,
    extensions: Mapping[str, str] = MappingProxyType({}),
    **changes: Any,
) -> Event:
    """Return an event that asks for a payment of its own; ``extensions`` are attributes of the event."""
    data = {
        **EXAMPLE,
        "aisPaymentId": ais(name),
        "reference": {"number": ais(name), "date": "2025-03-14"},
        **({"eserviceClientId": BENEFICIARY} if operation == EXTENDED else {}),
        **changes,
    }
    return event(name, f"{SYSTEM}.{operation}.v1", signer, data, **extensions)


def asked(name: str, operation: str, data: Mapping[str, Any], signer: str = DESK) -> Event:
    """Return any other event."""
    return event(name, f"{SYSTEM}.{operation}.v1", signer, data)


def set_paid(payment_id: str) -> dict[str, str]:
    """Return what marks a payment request as paid at the desk."""
    return {"paymentId": payment_id, "method": "cash-desk", "description": "Измислена квитанция"}


def lines_of(ledger: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    """Return the payment requests that the sandbox has for a case."""
    return [line for line in ledger["payments"] if line["aisPaymentId"] == ais(name)]


def line_by_id(ledger: Mapping[str, Any], payment_id: str) -> dict[str, Any]:
    """Return the payment request with this identifier."""
    (line,) = (one for one in ledger["payments"] if one["id"] == payment_id)
    return dict(line)
