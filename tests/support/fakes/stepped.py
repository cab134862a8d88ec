"""An invented system whose submissions need three requests: upload, scan, send."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from contracts.reasons import Reason
from tests.support.fakes.ports import ScriptedSystem
from worker.outcome import Accepted, Advanced, NotArrived, Outcome
from worker.submission import Submission
from worker.systems.port import Prepared, Recovery
from worker.systems.steps import Step

UPLOAD, SCAN, SEND = (
    Step("upload", Recovery.REPEAT),
    Step("scan", Recovery.REPEAT),
    Step("send", Recovery.LOOK_UP_FIRST, looks_up=True),
)
UPLOADED = {"blob": "b-1"}
SCANNED = {"blob": "b-1", "scan": "clean"}
ABSENT = NotArrived(Reason.ANSWER_TIMEOUT, "the outbox does not have it")


class SteppedSystem(ScriptedSystem):
    """Reacts as the script says; which step comes next, the progress tells. ``steps`` are those that were asked for."""

    def step(self, submission: Submission, progress: Mapping[str, str]) -> Step:
        if "blob" not in progress:
            return UPLOAD
        return SEND if "scan" in progress else SCAN


class Office:
    """What is on the other side: it remembers what was uploaded, scans slowly, and registers what is sent.

    ``hook`` is told of each request before it is processed, and of each before it is answered, by its number: to fail
    there, or to end the worker.
    """

    def __init__(self, hook: Callable[[str, int], None] = lambda _, __: None, *, scans: int = 2) -> None:
        self.hook = hook
        self.scans_left = scans
        self.blobs: list[str] = []
        self.sent: list[Mapping[str, str]] = []
        self.requests = 0

    async def submit(self, message: Prepared) -> Outcome:
        """Do what the message's step asks for."""
        self.requests += 1
        number = self.requests
        self.hook("arrives", number)
        outcome = {"upload": self._upload, "scan": self._scan, "send": self._send}[str(message.step)](message)
        self.hook("answers", number)
        return outcome

    async def look_up(self, message: Prepared) -> Outcome | NotArrived:
        """Say whether it was sent."""
        assert message.step == "send"
        return Accepted({"id": "1"}) if self.sent else ABSENT

    def _upload(self, message: Prepared) -> Outcome:
        assert message.progress == {}
        self.blobs.append(f"b-{len(self.blobs) + 1}")
        return Advanced({"blob": self.blobs[-1]})

    def _scan(self, message: Prepared) -> Outcome:
        assert message.progress["blob"] in self.blobs
        if self.scans_left:
            self.scans_left -= 1
            return Advanced(message.progress, delay=5.0)
        return Advanced({**message.progress, "scan": "clean"})

    def _send(self, message: Prepared) -> Outcome:
        assert message.progress["blob"] in self.blobs
        assert message.progress["scan"] == "clean"
        assert not self.sent, "sent twice"
        self.sent.append(message.progress)
        return Accepted({"id": "1"})
