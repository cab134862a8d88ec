"""The answer that a message must get: its type, the message that it answers, and what it must repeat of it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from contracts.nhis.requests import SearchImmunizations
from contracts.reasons import Reason
from worker.signing.certificates import named
from worker.systems.http_outcome import not_processed_by
from worker.systems.nhis import response
from worker.systems.nhis.interpret import Expected, Rules
from worker.systems.nhis.settings import Name

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic import BaseModel

    from worker.signing.port import DigestSigners
    from worker.systems.nhis.operations import Exchange
    from worker.systems.nhis.response import Reader
    from worker.systems.nhis.settings import NhisSettings
    from worker.systems.port import Prepared


class Expectations:
    """Gives for every prepared message the expected answer, and the rules by which it is read."""

    def __init__(
        self, settings: NhisSettings, exchanges: Mapping[Name, Exchange], keys: DigestSigners
    ) -> None:
        self._keys = keys
        self._answers = {name: one.answer for name, one in exchanges.items()}
        self._already = {
            Name.REGISTER: settings.already_exists,
            Name.CANCEL: settings.already_cancelled,
        }
        # Made once: nothing of them depends on the submission.
        self._rules = {name: _rules(settings, one) for name, one in exchanges.items()}

    def of(self, data: BaseModel, prepared: Prepared) -> tuple[Expected, Rules]:
        """Return what to expect. ``prepared`` may be the look-up for the submission with this data."""
        name = Name(prepared.operation)
        expected = Expected(
            message_id=prepared.message_id,
            answer=self._answers[name],
            read=_reader(name, data, prepared.identity),
            signed_by=partial(self._signed_by, prepared.signer),
            unfit=_UNFIT.get(name, Reason.UNEXPECTED_MESSAGE),
            already=self._already.get(name, ()),
            tells_warnings=True,
        )
        return expected, self._rules[name]

    def _signed_by(self, signer: str) -> str:
        key = self._keys.get(signer)
        return f'signer "{signer}"' if key is None else named(key)


def _rules(settings: NhisSettings, exchange: Exchange) -> Rules:
    return Rules(
        not_processed=not_processed_by(
            exchange.operation.recovery,
            settings.not_processed_statuses,
            settings.not_processed_by_operation.get(Name(exchange.operation.name)),
        ),
        general_errors=settings.general_errors,
        operator_errors=settings.operator_errors,
        names=settings.element_names.get(exchange.answer, {}),
    )


_UNFIT = {Name.CERTIFICATE: Reason.UNREADABLE_ANSWER}
"""An I014 whose base64 is broken does not fit: then the certificate cannot be read."""


def _reader(name: Name, data: BaseModel, identity: str) -> Reader:
    match name:
        case Name.REGISTER:
            return response.registered(identity)
        case Name.SEARCH:
            # A look-up compares all that is shown, whatever its type.
            return response.found_for_reply if isinstance(data, SearchImmunizations) else response.found
        case Name.ADVERSE_REACTION:
            return response.reaction_registered(_nrn(data))
        case Name.CANCEL:
            return response.cancelled(_nrn(data))
        case Name.CERTIFICATE:
            return response.certificates


def _nrn(data: BaseModel) -> str:
    return str(getattr(data, "nrn", ""))
