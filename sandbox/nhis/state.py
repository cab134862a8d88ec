"""The state of one sandbox while it runs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from sandbox.clock import Clock
from sandbox.nhis.auth import Access
from sandbox.nhis.ledger import Ledger
from sandbox.nhis.nomenclatures import Nomenclatures
from sandbox.nhis.schemas import Schemas
from sandbox.nhis.signers import Signers

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from cryptography import x509

KNOWN_DOCUMENTS = {"210101A0B1C2": date(2021, 1, 1), "260901D3E4F5": date(2026, 9, 1)}
"""Examinations that exist from the start (NRN to date), for basedOn."""


@dataclass(slots=True)
class State:
    """The parts that the handlers share."""

    authority: x509.Certificate
    schemas: Schemas
    nomenclatures: Nomenclatures
    signers: Signers
    clock: Clock
    access: Access
    ledger: Ledger
    documents: dict[str, date]

    @classmethod
    def create(
        cls,
        *,
        authority: x509.Certificate,
        schemas: Path,
        request_types: Sequence[str],
        token_seconds: float,
        seed: int,
        message_order: str | None = None,
    ) -> State:
        """Compile the request types' schemas; all else is empty. Raises FileNotFoundError for a missing XSD.

        ``message_order`` names the variant of the schemas that requests must keep to.
        """
        clock = Clock()
        return cls(
            authority=authority,
            schemas=Schemas(schemas, request_types, message_order),
            nomenclatures=Nomenclatures.bundled(),
            signers=Signers(),
            clock=clock,
            access=Access(clock, token_seconds),
            ledger=Ledger(seed),
            documents=dict(KNOWN_DOCUMENTS),
        )

    def reset(self) -> None:
        """Go back to the start, keeping the signers."""
        self.access.forget_all()
        self.ledger.reset()
        self.documents = dict(KNOWN_DOCUMENTS)
