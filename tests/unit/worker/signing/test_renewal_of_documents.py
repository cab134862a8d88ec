"""Signers of whole documents are replaced when their files are, if the new one signs a document."""

import pytest

from tests.support.signing.certificates import NOW
from tests.support.signing.renewals import OLD, Loader
from worker.reloading.contents import Contents
from worker.reloading.reloadable import NotReloaded
from worker.signing.port import SigningFailed
from worker.signing.registry import load_signers
from worker.signing.renewal import SignerRenewals
from worker.signing.settings import NcanodeSettings
from worker.signing.trial import TEST_ENVELOPE


class Documents:
    """A signer of whole documents, which are signed or not."""

    name = "clinic"

    def __init__(self, failure=None):
        self.failure, self.signed = failure, []

    async def sign_document(self, document):
        self.signed.append(document)
        if self.failure is not None:
            raise self.failure
        return document


@pytest.fixture
def ncanode(tmp_path, monkeypatch):
    """The renewal of a signer at NCANode, and what makes the next one of its files sign or fail."""
    (tmp_path / "clinic.p12").write_bytes(OLD.pkcs12("word"))
    given = {"url": "http://127.0.0.1:1", "file": tmp_path / "clinic.p12", "password": "word"}
    settings = {"clinic": NcanodeSettings(kind="ncanode", **given)}
    signers = load_signers(settings, clock=lambda: NOW)
    contents = Contents([tmp_path / "clinic.p12"])
    renewals = SignerRenewals(signers, settings, contents=contents, prepare=[], sleep=None)

    async def renew(new):
        monkeypatch.setattr(renewals, "_loader", Loader(new, None))
        (one,) = renewals.reloadables()
        await one.reload()

    return signers, renew


async def test_a_signer_of_whole_documents_is_replaced_once_it_has_signed_one(ncanode):
    signers, renew = ncanode
    new = Documents()
    await renew(new)
    assert signers.documents["clinic"] is new
    assert new.signed == [TEST_ENVELOPE]


async def test_a_signer_of_whole_documents_that_cannot_sign_leaves_the_earlier_one(ncanode):
    signers, renew = ncanode
    old = signers.documents["clinic"]
    with pytest.raises(NotReloaded, match="Key reading error"):
        await renew(Documents(SigningFailed("Key reading error", transient=False)))
    assert signers.documents["clinic"] is old


async def test_a_signer_of_whole_documents_that_could_not_be_loaded_at_the_start_is_repaired(ncanode):
    signers, renew = ncanode
    del signers.documents["clinic"]
    signers.problems["clinic"] = ("the file cannot be read",)
    new = Documents(SigningFailed("NCANode is unavailable", transient=True))
    await renew(new)
    assert (signers.documents["clinic"], signers.problems, new.signed) == (new, {}, [])
