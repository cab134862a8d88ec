"""Settings of ePayments, and reading an answer as the worker does. Clients, secrets and accounts are invented."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from tests.support.contract_events import submission
from tests.support.systems.epayment.answers import IBAN
from worker.outcome import Outcome
from worker.systems.epayment.interpret import Rules, interpret
from worker.systems.epayment.readers import expected_of
from worker.systems.epayment.settings import EpaymentSettings
from worker.transport.port import Answer

PROVIDER = {"name": "МБАЛ Пример", "bank": "Банка Пример", "bic": "XXXXBGSF", "iban": IBAN}
CLIENTS = {
    "one": {"client_id": "invented-client", "secret": "secret-of-one", "provider": PROVIDER},
    "two": {"client_id": "other-client", "secret": "secret-of-two"},
}


def epayment_settings(**changes: Any) -> EpaymentSettings:
    return EpaymentSettings.model_validate(
        {"service_url": "https://pay.test:44310", "clients": CLIENTS} | changes
    )


RULES = Rules(epayment_settings().not_processed_statuses, epayment_settings().already_exists)
NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def read(
    name: str,
    status: int,
    body: bytes,
    *,
    headers: dict[str, str] | None = None,
    truncated: bool = False,
    rules: Rules = RULES,
    data: Any = None,
) -> Outcome:
    event = submission(f"epayment.{name}.v1", data)
    expected = expected_of(event.data, "one")
    return interpret(expected, Answer(status, headers or {}, body, truncated), rules, NOW)
