"""The phase after the doses: searches, adverse reactions, cancellations, certificates."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from demo.nhis.records import CANCEL, CERTIFICATE, REACTION, SEARCH, Nrns
from demo.nhis.registrations import NO_NRN
from demo.steps import ACCEPTED, HELD, REJECTED, Expected, Step

if TYPE_CHECKING:
    from demo.nhis.people import People
    from demo.sandbox import Sandbox

LOST_REACTION = 8
"""The patient whose adverse reaction is registered while the answer gets lost."""


def follow_up_faults(people: People, sandbox: Sandbox) -> None:
    """Lose the answer to the only message that is never sent twice."""
    match = {"messageType": "I005", "signer": people.doctor(LOST_REACTION).uin}
    sandbox.faults([{"kind": "drop-after", "match": match, "times": 1}])


def follow_ups(people: People, nrns: Nrns) -> list[Step]:
    """Ask for what was registered, report reactions, cancel, and fetch certificates."""
    return [
        *_searches(people, nrns),
        *_reactions(people, nrns),
        *_cancellations(people, nrns),
        *_certificates(people, nrns),
    ]


def _searches(people: People, nrns: Nrns) -> list[Step]:
    today, long_ago = people.today.isoformat(), (people.today - timedelta(days=900)).isoformat()
    somebody = {"identifierType": "egn", "identifier": people.patients[2].egn}
    nobody = {"identifierType": "egn", "identifier": people.patients[11].egn}
    return [
        people.ask(
            "search-01", SEARCH, 0, {"nrn": nrns.get("dose1-01", NO_NRN)},
            Expected(ACCEPTED, found=1), note="by NRN",
        ),
        people.ask(
            "search-03", SEARCH, 2, {"patient": somebody, "fromDate": today, "toDate": today},
            Expected(ACCEPTED, found=2), note="by patient and date",
        ),
        people.ask(
            "search-12", SEARCH, 11, {"patient": nobody, "fromDate": long_ago, "toDate": long_ago},
            Expected(ACCEPTED, found=0), note="nothing found: a result, not an error",
        ),
    ]  # fmt: skip


def _reactions(people: People, nrns: Nrns) -> list[Step]:
    reaction = {"startDate": people.today.isoformat(), "description": "Болка на мястото на инжектиране"}
    lost = {"nrn": nrns.get("dose2-09", NO_NRN), "reaction": reaction}
    held = Expected(HELD, "outcome-unknown", ("outcome-unknown",))
    return [
        people.ask("reaction-07", REACTION, 6, {"nrn": nrns.get("dose2-07", NO_NRN), "reaction": reaction}),
        people.ask("reaction-09", REACTION, LOST_REACTION, lost, held, note="answer lost; never sent twice"),
    ]


def _cancellations(people: People, nrns: Nrns) -> list[Step]:
    own = {"nrn": nrns.get("dose2-10", NO_NRN), "reason": "Въведена е грешна партида."}
    foreign = {"nrn": nrns.get("dose2-11", NO_NRN), "reason": "Не е мой пациент."}
    return [
        people.ask("cancel-10", CANCEL, 9, own),
        people.ask("cancel-10b", CANCEL, 9, own, note="already there: looked up, then success"),
        people.ask(
            "cancel-11", CANCEL, 10, foreign, Expected(REJECTED, names="RL047"), doctor=people.doctor(11)
        ),
    ]  # fmt: skip


def _certificates(people: People, nrns: Nrns) -> list[Step]:
    return [
        people.ask("cert-01", CERTIFICATE, 0, {"nrn": nrns.get("dose2-01", NO_NRN)}),
        people.ask("cert-02", CERTIFICATE, 1, {"nrn": NO_NRN}, Expected(REJECTED, names="nrnImmunization")),
    ]
