"""Files that an event refers to: all are there, its source's and as stated, or nothing is sent."""

from __future__ import annotations

import hashlib

import pytest

from contracts.files import UploadedFile
from contracts.reasons import Reason
from tests.support.fakes.file_store import FakeFileStore
from tests.support.files.stores import chunks_of, new_file
from worker.file_store import FileOwner, FileStoreOutage, FileStoreRefused
from worker.outcome import Blocked, Retry
from worker.submission import Submission
from worker.systems.port import NotPrepared, Refused
from worker.systems.uploaded import uploaded_files

SUBMISSION = Submission(
    source="urn:hospital:1",
    id="s-1",
    type="edelivery.message.send.v1",
    system="edelivery",
    operation="message.send",
    signer="office",
    key=b"key",
    data=UploadedFile(id=new_file().id, sha256="0" * 64),
    content_hash=b"",
    meaning_hash=b"",
)
CONTENT = b"a letter"


@pytest.fixture
async def files():
    store = FakeFileStore()
    for name, source in (("mine", "urn:hospital:1"), ("theirs", "urn:hospital:2")):
        await store.save(new_file(name, owner=FileOwner("-", source)), chunks_of(CONTENT), uploaded=True)
    return store


def named(name="mine", content=CONTENT):
    return UploadedFile(id=new_file(name).id, sha256=hashlib.sha256(content).hexdigest())


async def test_files_become_the_submissions(files):
    for _ in range(2):
        first, second = await uploaded_files(
            files, SUBMISSION, {("files", "[0]"): named(), ("files", "[1]"): named()}
        )
        assert first == second
        assert first.owner == FileOwner("edelivery", "urn:hospital:1", "s-1")


async def test_all_problems_are_told_and_nothing_is_taken(files):
    told = {
        ("files", "[0]"): named(),
        ("files", "[1]"): named("theirs"),
        ("files", "[2]"): named("absent"),
        ("letter",): named(content=b"another"),
    }
    with pytest.raises(Refused) as caught:
        await uploaded_files(files, SUBMISSION, told)
    assert caught.value.reason is Reason.CONTRACT_VIOLATION
    assert [(one.path, one.rule) for one in caught.value.problems] == [
        ("$.data.files[1]", "uploaded-file-unknown"),
        ("$.data.files[2]", "uploaded-file-unknown"),
        ("$.data.letter", "uploaded-file-differs"),
    ]
    assert (await files.find(named().id)).owner.submission_id is None


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (
            FileStoreOutage("the bucket cannot be reached"),
            Retry(Reason.UNAVAILABLE, "the file store is unavailable: the bucket cannot be reached"),
        ),
        (
            FileStoreRefused("wrong key"),
            Blocked(Reason.CONFIGURATION, "the file store refuses Herald: wrong key"),
        ),
    ],
    ids=["outage", "refused"],
)
async def test_a_store_that_cannot_be_used(files, error, outcome):
    files.raises = [error]
    with pytest.raises(NotPrepared) as caught:
        await uploaded_files(files, SUBMISSION, {("file",): named()})
    assert caught.value.outcome == outcome


async def test_without_a_store_an_operator_must_act():
    with pytest.raises(NotPrepared) as caught:
        await uploaded_files(None, SUBMISSION, {("file",): named()})
    assert isinstance(caught.value.outcome, Blocked)
    assert await uploaded_files(None, SUBMISSION, {}) == ()
