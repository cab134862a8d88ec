import pytest

from tests.support.signing.certificates import NOW, issue
from worker.signing.registry import load_signers
from worker.signing.settings import NcanodeSettings, Pkcs12Signer


def test_good_ones_load_beside_bad_ones_and_every_problem_is_kept(tmp_path):
    (tmp_path / "good.p12").write_bytes(issue("Good").pkcs12("word"))
    (tmp_path / "broken.p12").write_bytes(b"broken")
    names = ["good", "broken", "missing"]
    settings = {name: Pkcs12Signer(file=tmp_path / f"{name}.p12", password="word") for name in names}
    signers = load_signers(settings, clock=lambda: NOW)
    assert list(signers.keys) == ["good"]
    assert list(signers.problems) == ["broken", "missing"]
    assert all(str(tmp_path / f"{name}.p12") in problems[0] for name, problems in signers.problems.items())


def test_none_configured():
    signers = load_signers({}, clock=lambda: NOW)
    assert (signers.keys, signers.problems) == ({}, {})


class PanicException(BaseException):
    """As cryptography's part in Rust raises it: no Exception."""


@pytest.mark.parametrize("fault", [RuntimeError, PanicException])
def test_a_fault_that_nobody_thought_of_is_one_signers_problem(fault, tmp_path, monkeypatch):
    def fail(name, settings, *, clock):
        raise fault("what the file holds is not told")

    monkeypatch.setattr("worker.signing.registry.load_pkcs12", fail)
    file = tmp_path / "odd.p12"
    signers = load_signers({"odd": Pkcs12Signer(file=file, password="word")}, clock=lambda: NOW)
    assert signers.problems == {"odd": (f"it cannot be loaded ({fault.__name__})",)}
    assert signers.sentences() == [f"signers.odd: it cannot be loaded ({fault.__name__})"]


def test_a_name_that_no_file_can_have_is_one_signers_problem():
    signers = load_signers({"odd": Pkcs12Signer(file="a\0b", password="word")}, clock=lambda: NOW)
    assert list(signers.problems) == ["odd"]


def test_an_ncanode_signer_without_its_authority_is_one_signers_problem(tmp_path):
    (tmp_path / "clinic.p12").write_bytes(issue("Clinic").pkcs12("word"))
    clinic = NcanodeSettings(
        kind="ncanode",
        url="https://ncanode.invalid",
        file=tmp_path / "clinic.p12",
        password="word",
        ca_file=tmp_path / "missing.pem",
    )
    (problem,) = load_signers({"clinic": clinic}, clock=lambda: NOW).problems["clinic"]
    assert "missing.pem cannot be read" in problem
