"""eDelivery's part in an answer of eForms: what it answers to each step, and a delivery that takes them all."""

from __future__ import annotations

import json
from copy import deepcopy

from contracts.eforms.examples import RESPONSE as EXAMPLE
from tests.support.systems.eforms.hospital import answered, attempt
from worker.file_store import FileOwner, NewFile
from worker.outcome import Advanced

CONTENT = b"%PDF-1.7 invented"


async def chunks(content):
    yield content


async def with_upload(hospital):
    """Upload the document of the example, and return the event's data with its digest."""
    data = deepcopy(EXAMPLE)
    uploaded = data["documents"][0]["uploaded"]
    new = NewFile(uploaded["id"], FileOwner("eforms", "https://hospital.test"), "application/pdf")
    stored = await hospital.store.save(new, chunks(CONTENT))
    uploaded["sha256"] = stored.sha256
    return data


def template(files, texts=()):
    fields = [*((one, "file") for one in files), *((one, "textfield") for one in texts)]
    return answered(
        {"content": [{"id": one, "type": kind, "isRequired": kind != "file"} for one, kind in fields]}
    )


class Office:
    """eDelivery's answers to the steps of one message."""

    def __init__(self, *fields):
        self.fields = fields
        self.texts = ()
        self.blob = 100
        self.sent = []

    def answer(self, prepared):
        if prepared.step == "template":
            return template(self.fields, self.texts)
        if prepared.step.startswith("upload"):
            self.blob += 1
            return answered({"blobId": self.blob, "malwareScanStatus": 1, "errorStatus": 0})
        if prepared.step.startswith("scan"):
            blob = int(prepared.url.rpartition("/")[2])
            return answered({"blobId": blob, "isMalicious": False})
        self.sent.append(json.loads(prepared.request))
        return answered(48211)


async def deliver(hospital, submission, office):
    """Take every step, and return the outcome with the steps' names and requests."""
    progress, taken = {}, []
    for _ in range(20):
        step = hospital.system.step(submission, progress)
        prepared = await hospital.system.prepare(submission, attempt(progress))
        assert prepared.step == step.name
        taken.append((step, prepared))
        outcome = hospital.system.interpret(submission, prepared, office.answer(prepared))
        if not isinstance(outcome, Advanced):
            return outcome, taken
        progress = outcome.progress
    raise AssertionError("too many steps")
