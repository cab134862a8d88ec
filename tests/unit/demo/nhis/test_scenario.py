"""Where the keys of the demo's doctors are, and that the demo says so."""

from __future__ import annotations

from pathlib import Path

import pytest

from demo.nhis import scenario
from demo.nhis.scenario import SCENARIO


@pytest.mark.parametrize(
    ("library", "said"),
    [
        (Path("/softhsm.so"), "one doctor's key is in a token (SoftHSM, PKCS#11)"),
        (None, "SoftHSM is not installed: no doctor's key is in a token"),
    ],
)
def test_it_is_said_which_keys_are_in_no_file(library, said, monkeypatch):
    monkeypatch.setattr(scenario, "module", lambda: library)
    assert SCENARIO.notes() == (said, "one doctor's key is at a provider (a stand-in with the CSC API)")


class Sandbox:
    """What NHIS's sandbox and the provider beside it say of themselves."""

    url, ca_file = "https://nhis.test", "/ca.pem"
    ready = {  # noqa: RUF012
        "auth_url": "https://auth.test",
        "signers": [
            {"name": name, "uin": "1", "pkcs12_file": f"/{name}.p12", "password_file": f"/{name}.password"}
            for name in ("first", "second", "last")
        ],
    }
    provider = {  # noqa: RUF012
        "url": "https://csc.test",
        "ca_file": "/csc.pem",
        "client_id": "hospital",
        "client_secret_file": "/secret",
        "signers": [{"name": "last", "pin_file": "/pin"}],
    }


def test_the_first_doctor_signs_with_a_token_and_the_last_at_the_provider(monkeypatch):
    monkeypatch.setattr(scenario, "module", lambda: Path("/softhsm.so"))
    monkeypatch.setattr(scenario, "on_token", lambda one, *_: {"kind": "pkcs11", "of": one["name"]})
    signers = SCENARIO.settings(Sandbox(), Path("/"))["signers"]
    assert [one.get("kind") for one in signers.values()] == ["pkcs11", None, "csc"]
    assert signers["first"]["of"] == "first"
    assert (signers["last"]["url"], signers["last"]["pin_file"]) == ("https://csc.test", "/pin")
