"""docs/signing-remote.md: its settings are loaded, and its tables of errors are what the code does."""

from __future__ import annotations

import re

import pytest
import yaml

from tests.support.readme import ROOT, marked
from tests.support.signing.certificates import issue
from worker.settings.load import load
from worker.settings.problems import BadConfiguration
from worker.signing.btrust import answer as btrust
from worker.signing.csc.refusals import Cause, problem
from worker.signing.port import SigningFailed
from worker.signing.registry import load_signers
from worker.signing.remote.exchange import Reply
from worker.signing.remote.personal import PERSONAL_KINDS

PAGE = ROOT / "docs" / "signing-remote.md"
TEXT = PAGE.read_text(encoding="utf-8")
EXAMPLES = {block.test.split()[1]: block.text for block in marked(PAGE, "settings")}
DONE = {
    Cause.SAD: "another authorisation, once; then a later try",
    Cause.TOKEN: "another access token, once; then blocked",
    Cause.SECRET: "blocked, and the secret is never tried again",
    Cause.BLOCKED: "blocked",
    Cause.PASSING: "a later try",
}
HALVES = "the batch in two halves, and smaller batches from then on"


def table(name: str) -> list[tuple[str, str]]:
    (found,) = re.findall(rf"<!-- test: errors {name} -->\n((?:\|.*\n)+)", TEXT)
    return re.findall(r"^\| `(.+?)` \| (.+?) \|$", found, re.MULTILINE)


def written(tmp_path, signers):
    (tmp_path / "dsn").write_text("postgresql://db.invalid/herald")
    document = {
        "kafka": {"bootstrap_servers": ["kafka:9092"]},
        "journal": {"dsn_file": str(tmp_path / "dsn")},
        "signers": signers,
        "systems": {"nhis": {"senders": {name: {"uin": "2300000001"} for name in signers}}},
    }
    config = tmp_path / "herald.yaml"
    config.write_text(yaml.safe_dump(document))
    return load(config, {})


@pytest.mark.parametrize("name", ["csc", "btrust", "vault"])
def test_the_examples_need_nothing_but_their_files_and_are_loaded_without_asking_anybody(tmp_path, name):
    given = yaml.safe_load(EXAMPLES[name])["signers"]
    without = load_signers(
        written(tmp_path, given).signers, clock=lambda: pytest.fail("nothing is asked for")
    )
    assert set(without.problems) == set(given)
    assert all(one.startswith("there is no ") for told in without.problems.values() for one in told)

    settings = written(tmp_path, _with_files(given, tmp_path))
    signers = load_signers(settings.signers, clock=lambda: pytest.fail("nothing is asked for"))
    assert signers.problems == {}
    assert set(signers.keys) == set(settings.signers)


def _with_files(given, tmp_path):
    """Return settings that name a file of the test for each file."""
    (tmp_path / "any.pem").write_bytes(issue("Example").pem())
    if isinstance(given, dict):
        return {
            name: str(tmp_path / "any.pem") if name.endswith("_file") else _with_files(one, tmp_path)
            for name, one in given.items()
        }
    return given


@pytest.mark.parametrize("kind", sorted(PERSONAL_KINDS))
def test_the_kinds_that_need_a_person_are_refused_when_the_configuration_is_loaded(tmp_path, kind):
    assert f"`kind: {kind}`" in TEXT
    with pytest.raises(BadConfiguration) as caught:
        written(tmp_path, {"dr-ivanova": {"kind": kind, "url": "https://provider.invalid"}})
    (found,) = (one for one in caught.value.problems if one.path.startswith("signers"))
    assert found.path == "signers.dr-ivanova"
    assert f"kind {kind} needs a person at each signature" in found.message


@pytest.mark.parametrize(("told", "done"), table("csc"))
def test_errors_of_csc(told, done):
    code = re.fullmatch(r"[a-z_]+", told) is not None
    content = {"error": told} if code else {"error": "invalid_request", "error_description": told}
    assert DONE[problem("signatures/signHash", Reply(400, content)).cause] == done


@pytest.mark.parametrize(("code", "done"), table("btrust"))
def test_codes_of_btrust(code, done):
    with pytest.raises(btrust.TooLarge if done == HALVES else SigningFailed) as raised:
        btrust.signatures_in(Reply(400, {"responseCode": code}))
    if done != HALVES:
        assert code in str(raised.value)
        assert raised.value.transient == {"a later try": True, "blocked": False}[done]


def test_the_tables_have_each_code():
    assert {code for code, _ in table("btrust")} == set(btrust._ACTIONS)
    assert {done for _, done in table("csc")} == set(DONE.values())
