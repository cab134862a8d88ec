"""The round of desk work: searches, adverse reactions, cancellations, certificates."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from demo.acts import ACCEPTED, HELD, REJECTED, Act, Expected
from demo.nhis.records import CANCEL, CERTIFICATE, REACTION, SEARCH, Nrns
from demo.nhis.registrations import NO_NRN

if TYPE_CHECKING:
    from demo.nhis.cast import Cast
    from demo.sandbox import Sandbox

LOST_REACTION = 8
"""The patient whose adverse reaction is registered while the answer gets lost."""


def trouble(cast: Cast, sandbox: Sandbox) -> None:
    """Lose the answer to the one message that may not be sent twice."""
    match = {"messageType": "I005", "signer": cast.doctor(LOST_REACTION).uin}
    sandbox.faults([{"kind": "drop-after", "match": match, "times": 1}])


def desk_work(cast: Cast, nrns: Nrns) -> list[Act]:
    """Ask for what was registered, report reactions, cancel, and fetch certificates."""
    return [
        *_searches(cast, nrns),
        *_reactions(cast, nrns),
        *_cancellations(cast, nrns),
        *_certificates(cast, nrns),
    ]


def _searches(cast: Cast, nrns: Nrns) -> list[Act]:
    today, long_ago = cast.today.isoformat(), (cast.today - timedelta(days=900)).isoformat()
    somebody = {"identifierType": "egn", "identifier": cast.patients[2].egn}
    nobody = {"identifierType": "egn", "identifier": cast.patients[11].egn}
    return [
        cast.ask(
            "search-01", SEARCH, 0, {"nrn": nrns.get("dose1-01", NO_NRN)},
            Expected(ACCEPTED, found=1), note="by NRN",
        ),
        cast.ask(
            "search-03", SEARCH, 2, {"patient": somebody, "fromDate": today, "toDate": today},
            Expected(ACCEPTED, found=2), note="by patient and date",
        ),
        cast.ask(
            "search-12", SEARCH, 11, {"patient": nobody, "fromDate": long_ago, "toDate": long_ago},
            Expected(ACCEPTED, found=0), note="nothing found: a result, not an error",
        ),
    ]  # fmt: skip


def _reactions(cast: Cast, nrns: Nrns) -> list[Act]:
    reaction = {"startDate": cast.today.isoformat(), "description": "Болка на мястото на инжектиране"}
    lost = {"nrn": nrns.get("dose2-09", NO_NRN), "reaction": reaction}
    held = Expected(HELD, "outcome-unknown", ("outcome-unknown",))
    return [
        cast.ask("reaction-07", REACTION, 6, {"nrn": nrns.get("dose2-07", NO_NRN), "reaction": reaction}),
        cast.ask(
            "reaction-09", REACTION, LOST_REACTION, lost, held, note="answer lost; may not be sent twice"
        ),
    ]


def _cancellations(cast: Cast, nrns: Nrns) -> list[Act]:
    own = {"nrn": nrns.get("dose2-10", NO_NRN), "reason": "Въведена е грешна партида."}
    foreign = {"nrn": nrns.get("dose2-11", NO_NRN), "reason": "Не е мой пациент."}
    return [
        cast.ask("cancel-10", CANCEL, 9, own),
        cast.ask("cancel-10b", CANCEL, 9, own, note="again: looked up, then success"),
        cast.ask(
            "cancel-11", CANCEL, 10, foreign, Expected(REJECTED, names="RL047"), doctor=cast.doctor(11)
        ),
    ]  # fmt: skip


def _certificates(cast: Cast, nrns: Nrns) -> list[Act]:
    return [
        cast.ask("cert-01", CERTIFICATE, 0, {"nrn": nrns.get("dose2-01", NO_NRN)}),
        cast.ask("cert-02", CERTIFICATE, 1, {"nrn": NO_NRN}, Expected(REJECTED, names="nrnImmunization")),
    ]
