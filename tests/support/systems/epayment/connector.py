"""ePayments over the ESB for unit tests, and answers of its connector as a public client's types have them."""

from __future__ import annotations

from typing import Any

from tests.support.systems.epayment.answers import PAYMENT_ID
from tests.support.systems.epayment.reading import epayment_settings
from tests.support.systems.esb.access import NOW, Service, access
from worker.systems.epayment.checks import ConnectorSchemas
from worker.systems.epayment.connector.system import EpaymentConnectorSystem
from worker.systems.epayment.credentials import read_secrets
from worker.systems.epayment.settings import EpaymentSettings

SENDERS = {"one": {"service_cid": "invented-client"}, "two": {"service_cid": "other-client"}}
SCHEMAS = ConnectorSchemas()


def connector_settings(**changes: Any) -> EpaymentSettings:
    return epayment_settings(access="esb", clients={}, senders=SENDERS, **changes)


def connector(service: Service, esb: Any = None, **changes: Any) -> EpaymentConnectorSystem:
    """Return the system for the signers one and two, over a scripted client."""
    made, _ = access(service, **(esb or {}))
    settings = connector_settings(**changes)
    return EpaymentConnectorSystem(
        settings, esb=made, secrets=read_secrets(settings), schemas=SCHEMAS, now=lambda: NOW
    )


def registered(payment_id: Any = PAYMENT_ID, **more: Any) -> dict[str, Any]:
    return {
        "paymentId": payment_id,
        "registrationTime": "2025-03-14T11:30:00+02:00",
        "accessCode": "A1B2C3D4",
    } | more


def status(stated: Any = "paid", payment_id: Any = PAYMENT_ID) -> dict[str, Any]:
    return {"paymentId": payment_id, "status": stated, "changeTime": "2025-03-15T10:00:00.123"}
