from tests.support.signing.certificates import NOW, issue
from worker.signing.registry import load_signers
from worker.signing.settings import Pkcs12Signer


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
