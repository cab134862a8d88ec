"""The reference number of a service from the state's central generator (ORN), as the first step of a submission.

Each call is answered with a new number. It is drawn before anything else, and the journal has it before it is used: a
number that was drawn and lost is left behind, and a submission carries one number however often it is sent.

Source: a public client of 2022 (confirmed: `GET`, the three parameters, `orn` in the answer; inferred: `return_code`
other than 200 is a refusal). The standard that followed it has the number generated locally, which is the default.
"""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from contracts.reasons import Reason
from contracts.strict_json import NotJson
from worker.outcome import Advanced, Blocked, Outcome, Retry, Unknown
from worker.submission import DRAWN_NUMBER
from worker.systems.esb.errors import read_error, retry_if_esb_turned_away
from worker.systems.http_outcome import TURNED_AWAY, outcome_of_status
from worker.systems.json_answer import parse
from worker.systems.port import Prepared, Recovery
from worker.systems.steps import Step
from worker.text_encoding import text_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from worker.submission import Submission
    from worker.systems.esb.port import Esb
    from worker.systems.esb.settings import OrnSettings
    from worker.systems.port import Attempt
    from worker.transport.port import Answer

NUMBER = "number"
"""The name of the step."""
_TITLE = "the central generator of reference numbers"
_ORN = re.compile(r"[!-~]{1,64}")


class Numbers:
    """Draws the numbers of one system's submissions."""

    def __init__(self, esb: Esb, settings: OrnSettings, now: Callable[[], datetime]) -> None:
        self._esb = esb
        self._settings = settings
        self._now = now

    def step(self, submission: Submission, progress: Mapping[str, str]) -> Step | None:
        """Return the step that draws a number; None for a submission that has one, or that is under way without."""
        return Step(NUMBER, Recovery.REPEAT) if submission.rnu is None and not progress else None

    async def prepare(self, submission: Submission, attempt: Attempt) -> Prepared:
        """Make the request. Raises NotPrepared."""
        asked, signer = self._settings, submission.signer
        query = urlencode(
            {"bulstat": asked.bulstat, "type_service": asked.type_service, "uri_service": asked.uri_service}
        )
        return Prepared(
            operation=submission.operation,
            signer=signer,
            message_id=attempt.message_id,
            identity=attempt.identity,
            url=f"{self._esb.gateway_url}{asked.path}?{query}",
            request=b"",
            headers={"accept": "application/json"},
            secret_headers=await self._esb.authorisation(signer, asked.scope, self._esb.acting(signer)),
            method="GET",
            step=NUMBER,
            progress=attempt.progress,
        )

    def interpret(self, answer: Answer) -> Outcome:
        """Read the answer. Pure and total."""
        status, error = answer.status, read_error(answer)
        if status == HTTPStatus.UNAUTHORIZED:
            return Retry(Reason.TOKEN_REFUSED, "the ESB refused the token (401)", delay=0, reauthorize=True)
        if retry := retry_if_esb_turned_away(answer, TURNED_AWAY, self._now(), system=_TITLE):
            return retry
        if error is not None:
            return Unknown(Reason.SERVER_ERROR, f"{_TITLE} failed ({status})", error.retry_after)
        if status == HTTPStatus.FORBIDDEN:
            return Blocked(Reason.ACCESS_DENIED, f"{_TITLE} refused the signer (403)")
        if status != HTTPStatus.OK:
            return outcome_of_status(answer, self._now(), system=_TITLE)
        return _read(answer)


def kept(progress: Mapping[str, str], outcome: Outcome) -> Outcome:
    """Return the outcome of a later step with the number that the first one drew."""
    if isinstance(outcome, Advanced) and DRAWN_NUMBER in progress:
        return Advanced({**outcome.progress, DRAWN_NUMBER: progress[DRAWN_NUMBER]}, outcome.delay)
    return outcome


def _read(answer: Answer) -> Outcome:
    text = None if answer.truncated else text_of(answer.body, answer.charset)
    try:
        found = None if text is None else parse(text)
    except NotJson:
        found = None
    members = found if isinstance(found, dict) else {}
    code, orn = members.get("return_code"), members.get("orn")
    if str(code) not in {"None", "200"}:
        # What it says of the request may repeat a number of its parameters: it is in the answer.
        return Blocked(Reason.CONFIGURATION, f"{_TITLE} states a refusal: see the settings in esb.orn")
    if isinstance(orn, str) and _ORN.fullmatch(orn):
        return Advanced({DRAWN_NUMBER: orn})
    return Unknown(Reason.UNEXPECTED_MESSAGE, f"the answer of {_TITLE} has no number")
