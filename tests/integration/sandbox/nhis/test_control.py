"""The control endpoints, and the command that runs the sandbox as a process of its own."""

from __future__ import annotations

import json
import ssl
import stat
import subprocess
import sys
import urllib.request

import pytest

from sandbox.authority import Authority
from sandbox.pki import DOCTORS
from tests.support.systems.nhis.client import SUBJECT, Client


async def test_ledger_requests_and_counters(ivanova):
    await ivanova.register(lrn="LRN-1")
    await ivanova.register(lrn="LRN-1")

    ledger = await ivanova.control("GET", "ledger")
    requests = (await ivanova.control("GET", "requests"))["requests"]

    assert [item["lrn"] for item in ledger["registrations"]] == ["LRN-1"]
    assert ledger["counters"] == {"I001": {"I002": 1, "I099": 1}, "S001": {"S001": 2}}
    assert [(item["messageType"], item["answer"], item["status"]) for item in requests] == [
        ("S001", "S001", 401), ("S001", "S001", 200), ("I001", "I002", 200), ("I001", "I099", 400),
    ]  # fmt: skip
    shown = json.dumps([ledger, requests], ensure_ascii=False)
    assert SUBJECT["identifier"] not in shown
    assert SUBJECT["name"]["family"] not in shown


async def test_faults_are_replaced_appended_and_removed(nhis, ivanova):
    rule = {"kind": "status", "status": 503, "match": {"patient": "8621011000"}}

    await ivanova.control("POST", "faults", [rule])
    shown = await ivanova.control("POST", "faults", {"rules": [{"kind": "garbage"}], "append": True})
    assert shown == {
        "rules": [{"kind": "status", "met": 0, "fired": 0}, {"kind": "garbage", "met": 0, "fired": 0}]
    }
    shown = await ivanova.control("POST", "faults", {"rules": [rule]})
    assert [item["kind"] for item in shown["rules"]] == ["status"]
    assert (await ivanova.register()).status == 503
    assert await ivanova.control("DELETE", "faults") == {"rules": []}
    assert (await ivanova.register()).status == 200


@pytest.mark.parametrize(
    ("path", "body", "named"),
    [
        ("faults", [{"kind": "nonesuch"}], "kind"),
        ("faults", [{"kind": "delay"}], "seconds"),
        ("faults", {"rules": "all"}, "list"),
        ("clock", {"offset_seconds": "1"}, "offset_seconds"),
        ("clock", [], "offset_seconds"),
        ("root", {"status": 99}, "status"),
        ("root", {"status": "503"}, "status"),
        ("documents", {"A": "yesterday"}, "documents"),
        ("signers", [{"name": "x"}], "signers"),
        ("signers", [{"name": "x", "uin": "1", "certificate": "no pem"}], "signers"),
    ],
)
async def test_wrong_use_says_what_is_wrong(nhis, ivanova, path, body, named):
    url = f"{nhis.url}/_sandbox/{path}"
    async with ivanova.session.post(url, json=body, ssl=ivanova._tls) as response:
        assert response.status == 400
        assert named in (await response.json())["problem"]


async def test_the_root_answers_as_configured_and_the_services_as_usual(nhis, ivanova):
    assert (await ivanova.call("GET", "/")).status == 404
    await ivanova.control("POST", "root", {"status": 503})
    assert (await ivanova.call("GET", "/")).status == 503
    assert (await ivanova.call("GET", "/v1/nothing")).status == 503
    assert (await ivanova.register()).status == 200
    await ivanova.control("POST", "root", {"status": None})
    assert (await ivanova.call("GET", "/")).status == 404


async def test_not_json(nhis, ivanova):
    url = f"{nhis.url}/_sandbox/clock"
    async with ivanova.session.post(url, data=b"\xff", ssl=ivanova._tls) as response:
        assert response.status == 400


async def test_reset_forgets_all_but_the_signers(nhis, ivanova):
    await ivanova.register()
    await ivanova.control("POST", "clock", {"offset_seconds": 3600})
    await ivanova.control("POST", "faults", [{"kind": "garbage"}])
    await ivanova.control("POST", "root", {"status": 503})
    await ivanova.control("POST", "reset")

    assert (await ivanova.call("GET", "/")).status == 404
    assert (await ivanova.control("GET", "ledger"))["registrations"] == []
    assert nhis.state.clock.offset_seconds == 0
    assert nhis.faults.rules == []
    assert (await ivanova.register()).status == 401
    await ivanova.authorize()
    assert (await ivanova.register()).status == 200


async def test_tokens_are_ended_at_once(ivanova):
    await ivanova.authorize()
    await ivanova.control("DELETE", "tokens")

    assert (await ivanova.register()).status == 401


async def test_a_signer_registered_while_it_runs(nhis, ivanova):
    authority = Authority.create("A vendor's own CA")
    key = authority.issue_signer(DOCTORS[0])
    nhis.state.authority = authority.certificate
    signer = {"name": "vendor", "uin": "2300000077", "certificate": key.certificate_pem().decode()}

    shown = await ivanova.control("POST", "signers", [signer])

    assert shown == {"signers": [{"name": "vendor", "uin": "2300000077"}]}
    client = Client(nhis.url, nhis.ca_file, "2300000077", key)
    try:
        assert (await client.register()).status == 200
    finally:
        await client.close()


async def test_control_paths_that_do_not_exist_are_not_pages_of_the_gateway(nhis, ivanova):
    url = f"{nhis.url}/_sandbox/nonesuch"
    async with ivanova.session.post(url, json={}, ssl=ivanova._tls) as response:
        assert response.status == 404
        assert b"<html>" not in await response.read()


def start(*options: str) -> subprocess.Popen[str]:
    code = "from worker.cli import main; main()"
    return subprocess.Popen(
        [sys.executable, "-W", "error", "-c", code, "sandbox", "nhis", *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_command_makes_what_it_needs_and_says_where(tmp_path):
    directory = tmp_path / "new"
    process = start("--dir", str(directory), "--port", "0")
    try:
        ready = json.loads(process.stdout.readline())
        tls = ssl.create_default_context(cafile=ready["ca_file"])
        with urllib.request.urlopen(f"{ready['url']}/_sandbox/health", context=tls) as answer:  # noqa: S310
            assert json.load(answer)["status"] == "ok"
    finally:
        process.terminate()
        out, err = process.communicate(timeout=20)

    assert process.returncode == 0
    assert out == ""
    assert ready["auth_url"] == f"{ready['url']}/token"
    assert [item["name"] for item in ready["signers"]] == ["dr-ivanova", "dr-petrov", "dr-georgieva"]
    assert all(len(item["uin"]) == 10 for item in ready["signers"])
    assert "dr-petrov" in err
    for secret in directory.glob("signers/*.p*"):
        if secret.suffix in {".p12", ".password"}:
            assert stat.S_IMODE(secret.stat().st_mode) == 0o600


def test_command_keeps_the_keys_of_an_earlier_run(directory):
    before = (directory / "ca.pem").read_bytes()
    process = start("--dir", str(directory), "--port", "0")
    try:
        assert process.stdout.readline()
    finally:
        process.terminate()
        _, err = process.communicate(timeout=20)

    assert (directory / "ca.pem").read_bytes() == before
    assert err == ""


def test_command_without_schemas_says_which_are_missing(directory, tmp_path):
    process = start("--dir", str(directory), "--port", "0", "--schemas", str(tmp_path))
    out, err = process.communicate(timeout=20)

    assert (process.returncode, out) == (2, "")
    assert "NHIS-I001.xsd" in err
