"""`herald check --connect` as operators and init containers run it: the systems with a sandbox, Kafka and a journal."""

from __future__ import annotations

import asyncio
import copy
import json
import uuid
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from contracts.edelivery.examples import FILES_FIELD
from demo.scenarios import SYSTEMS
from sandbox.edelivery.people import CITIZEN
from tests.support.cli.commands import beside, invoked
from tests.support.postgres.server import TEMPLATE
from tests.support.signing.certificates import NOW, YEAR, issue
from tests.support.worker.installation import SHORT_WAITS, signer_files
from tests.support.worker.sandbox import Sandbox, running
from worker.journal.migrate import migrate

TEST = ("--test-installation",)
THROUGH = {"eforms": "edelivery"}
"""Systems that are reached through another one, whose sandbox stands in for both."""
LETTERS = "letters-hospital"


@pytest.fixture(scope="module")
def sandboxes(tmp_path_factory):
    """The sandbox of each system."""
    own = [name for name in SYSTEMS if name not in THROUGH]
    stack = [running(name, tmp_path_factory.mktemp(name), kind=Sandbox) for name in own]
    with ThreadPoolExecutor() as threads:
        started = dict(zip(own, threads.map(lambda context: context.__enter__(), stack), strict=True))
        yield {name: started[THROUGH.get(name, name)] for name in SYSTEMS}
        list(threads.map(lambda context: context.__exit__(None, None, None), stack))


@pytest.fixture(scope="module")
def document(kafka, pg_server, sandboxes, tmp_path_factory):
    """The settings of an installation with every system; its tables are migrated, and its topics exist."""
    directory = tmp_path_factory.mktemp("installation")
    (directory / "dsn").write_text(pg_server.create_database(TEMPLATE))
    prefix = f"t-{uuid.uuid4().hex[:12]}."
    signers, systems = {}, {}
    for name, sandbox in sandboxes.items():
        own, section = SECTIONS[name](sandbox)
        signers |= own
        systems[name.replace("-", "_")] = section
        if name not in OVER_ESB:
            section["transport"] = _transport(sandbox)
    made = {
        "kafka": {"bootstrap_servers": kafka.bootstrap, "topic_prefix": prefix},
        "intake": {"group_id": f"{prefix}workers"},
        "journal": {"dsn_file": str(directory / "dsn")},
        "signers": signers,
        "systems": systems,
        "esb": _esb(sandboxes["edelivery"]),
        "files": {},
    }
    done = invoked(
        "topics", "create", "--replication", "1", "--partitions", "2", "--config", _file(directory, made)
    )
    assert done.code == 0, done
    return made


def _nhis(sandbox):
    told = sandbox.ready
    senders = {one["name"]: {"uin": one["uin"]} for one in told["signers"]}
    return signer_files(told["signers"]), {
        "api_url": sandbox.url,
        "auth_url": told["auth_url"],
        "senders": senders,
    }


def _nhif(sandbox):
    (own,) = signer_files(sandbox.ready["signers"][:1]).values()
    return {"nhif-clinic": own}, {"api_url": sandbox.url, "senders": ["nhif-clinic"]}


def _erx(sandbox):
    users = {
        f"erx-{one['username']}": {
            "username": one["username"],
            "password_file": one["password_file"],
            "role": "user",
        }
        for one in sandbox.ready["users"][1:]
    }
    return {}, {"api_url": sandbox.url, "client": sandbox.ready["client"], "users": users}


def _shep(sandbox):
    own, other = signer_files(sandbox.ready["signers"][:2]).values()
    ncanode = {"kind": "ncanode", "url": sandbox.url, "ca_file": sandbox.ca_file, **other}
    signers = {"shep-own": own, "shep-ncanode": ncanode}
    senders = dict(zip(signers, sandbox.ready["senders"], strict=True))
    pinned = [sandbox.ready["gateway_certificate_file"]]
    return signers, {"url": sandbox.ready["gateway_url"], "senders": senders, "pinned_certificates": pinned}


def _regix(sandbox):
    (own,) = signer_files(one for one in sandbox.ready["consumers"] if one["name"] == "hospital").values()
    return {"regix-hospital": own}, {"url": sandbox.ready["basic_url"], "senders": ["regix-hospital"]}


def _epayment(sandbox):
    clients = {
        one["client_id"]: {"client_id": one["client_id"], "secret_file": one["secret_file"]}
        for one in sandbox.ready["clients"]
    }
    return {}, {"service_url": sandbox.url, "clients": clients}


def _transport(sandbox):
    return {"ca_file": sandbox.ca_file, **SHORT_WAITS}


def _esb(sandbox):
    return {
        "token_url": sandbox.ready["token_url"],
        "gateway_url": sandbox.url,
        "transport": _transport(sandbox),
    }


def _letters(sandbox):
    """Return what both systems over eDelivery need."""
    files = {"hosts": [sandbox.url.removeprefix("https://")], "transport": _transport(sandbox)}
    return {"senders": [LETTERS], "files": files, "look_up": {"sent_rnu": "kept"}}


def _edelivery(sandbox):
    (own,) = signer_files(one for one in sandbox.ready["clients"] if one["name"] == "hospital").values()
    return {LETTERS: own}, _letters(sandbox)


def _eforms(sandbox):
    response = {"recipient_profile_id": CITIZEN, "template_id": 1, "xml_field": FILES_FIELD}
    return {}, _letters(sandbox) | {"response": response}


SECTIONS = {
    "nhis": _nhis,
    "nhif": _nhif,
    "erx": _erx,
    "kz-shep": _shep,
    "regix": _regix,
    "epayment": _epayment,
    "edelivery": _edelivery,
    "eforms": _eforms,
}
OVER_ESB = frozenset({"edelivery", "eforms"})


def _file(directory: Path, document) -> Path:
    path = directory / f"herald-{uuid.uuid4().hex[:6]}.yaml"
    path.write_text(json.dumps(document), encoding="utf-8")  # JSON is YAML too
    return path


@pytest.fixture
def check(document, tmp_path):
    """Run the command with changed settings: a function changes a copy of them."""

    async def run(*options, change=lambda _: None):
        changed = copy.deepcopy(document)
        change(changed)
        return await beside(_file(tmp_path, changed))("check", "--connect", *options)

    return run


def by_check(done):
    """Return verdicts and sentences by check and subject."""
    return {(one["id"], one["subject"]): one for one in done.json["checks"]}


async def test_all_is_well_with_every_system(check, sandboxes):
    before = {name: len(one.requests()) for name, one in sandboxes.items()}
    done = await check(*TEST, "--json")
    assert done.code == 0, done
    assert set(done.json) == {"verdict", "counts", "checks"}
    assert {tuple(one) for one in done.json["checks"]} == {
        ("id", "subject", "verdict", "detail", "next_step")
    }
    found = by_check(done)
    unwell = {name: one["verdict"] for (name, _), one in found.items() if one["verdict"] != "ok"}
    assert unwell == {
        "settings.authorisations": "warn",  # these settings have none
        "kafka.topics.replication": "warn",  # one broker
        "kafka.topics.min-insync": "skipped",
        "journal.durability": "warn",  # the tests' server runs without fsync
        "journal.disk": "skipped",
    }
    assert done.json["verdict"] == "warn"
    assert done.json["counts"]["fail"] == 0
    logged_in = {subject for name, subject in found if name == "systems.token"}
    assert logged_in == {
        "nhis dr-ivanova",
        "nhis dr-petrov",
        "nhis dr-georgieva",
        "erx erx-dr-ivanova",
        "erx erx-dr-petrov",
        "epayment sandbox-hospital",
        "epayment sandbox-municipality",
        "edelivery letters-hospital",
        "eforms letters-hospital",
    }
    assert ("signers.ncanode", "shep-ncanode") in found
    assert ("systems.tls", "nhif services, nhif-clinic") in found
    assert ("systems.tls", "regix services, regix-hospital") in found
    # No submission was sent: NCANode made a test signature, and ePayments was asked for a status. No probe is logged.
    asked = {
        name: {one["operation"] for one in sandboxes[name].requests()[before[name] :]}
        for name in ("nhif", "kz-shep", "regix", "epayment", "edelivery")
    }
    assert asked == {
        "nhif": set(),
        "kz-shep": {"wsse/sign"},
        "regix": set(),
        "epayment": {"paymentsStatus"},
        "edelivery": set(),
    }


async def test_the_table_names_the_next_step_and_no_secret(check, secrets):
    done = await check("--no-logins")
    assert done.code == 1
    assert "kafka.topics.replication" in done.out
    assert "--test-installation" in done.out
    assert "systems.token" not in done.out
    assert "see the lines that say fail" in done.err
    assert "Traceback" not in done.err
    assert [one for one in secrets if one in done.out + done.err] == []


@pytest.fixture(scope="module")
def secrets(sandboxes):
    """Every password and secret of the installation."""
    kinds = ("signers", "users", "senders", "consumers", "clients", "payment_clients")
    files = [
        one.get("password_file") or one["secret_file"]
        for box in sandboxes.values()
        for kind in kinds
        for one in box.ready.get(kind, ())
    ]
    assert files
    return {Path(one).read_text().strip() for one in files}


async def test_one_signer_and_one_system_do_not_keep_a_worker_from_starting(check, tmp_path):
    (tmp_path / "wrong").write_text("not-the-password-8472")
    (tmp_path / "old.p12").write_bytes(issue("old", start=NOW - 2 * YEAR, end=NOW - YEAR).pkcs12("word"))
    (tmp_path / "word").write_text("word")

    def spoil(document):
        document["signers"]["dr-petrov"] = {
            "file": f"{tmp_path}/old.p12",
            "password_file": f"{tmp_path}/word",
        }
        document["systems"]["erx"]["users"]["erx-dr-petrov"]["password_file"] = f"{tmp_path}/wrong"
        document["systems"]["nhif"]["api_url"] = "https://127.0.0.1:1"

    strict = await check(*TEST, "--json", change=spoil)
    assert strict.code == 1
    found = by_check(strict)
    assert found["signers.validity", "dr-petrov"]["verdict"] == "fail"
    assert found["signers.validity", "dr-ivanova"]["verdict"] == "ok"
    assert found["systems.token", "nhis dr-petrov"]["verdict"] == "fail"
    assert found["systems.token", "nhis dr-ivanova"]["verdict"] == "ok"
    assert found["systems.tls", "nhif services, nhif-clinic"]["verdict"] == "fail"
    refused = found["systems.token", "erx erx-dr-petrov"]
    assert (refused["verdict"], "refused" in refused["detail"]) == ("fail", True)
    assert "8472" not in strict.out + strict.err
    assert found["systems.tls", "nhis services"]["verdict"] == "ok"
    starting = await check(*TEST, "--init-container", "--json", change=spoil)
    assert starting.code == 0
    found = by_check(starting)
    assert found["signers.validity", "dr-petrov"]["verdict"] == "warn"
    assert not [subject for name, subject in found if name == "systems.token"]


async def test_systems_that_cannot_be_built_do_not_hide_the_rest(check, tmp_path):
    (tmp_path / "empty").mkdir()

    def spoil(document):
        document["systems"]["nhis"]["schema_dir"] = f"{tmp_path}/empty"

    done = await check(*TEST, "--json", change=spoil)
    assert done.code == 1
    found = by_check(done)
    assert found["settings.systems", None]["verdict"] == "fail"
    assert "systems.nhis" in found["settings.systems", None]["detail"]
    assert found["kafka.connect", None]["verdict"] == found["journal.connect", None]["verdict"] == "ok"


async def test_it_waits_for_a_journal_that_is_being_made(check, pg_server, tmp_path):
    dsn = await asyncio.to_thread(pg_server.create_database)
    (tmp_path / "new-dsn").write_text(dsn)

    def spoil(document):
        document["journal"]["dsn_file"] = f"{tmp_path}/new-dsn"

    at_once = await check(*TEST, "--init-container", "--json", change=spoil)
    assert (at_once.code, by_check(at_once)["journal.migrations", None]["verdict"]) == (1, "fail")
    waiting = asyncio.create_task(check(*TEST, "--init-container", "--json", "--wait", "60", change=spoil))
    await asyncio.sleep(1)
    assert not waiting.done()
    await migrate(dsn)
    done = await waiting
    assert (done.code, by_check(done)["journal.migrations", None]["verdict"]) == (0, "ok"), done.out


@pytest.mark.parametrize("options", [("--wait", "5"), ("--init-container",), ("--no-logins",), TEST])
async def test_what_needs_connect_is_wrong_use_without_it(document, tmp_path, options):
    done = await beside(_file(tmp_path, document))("check", *options)
    assert (done.code, "--connect" in done.err) == (2, True)


async def test_settings_that_cannot_be_read_end_with_2(check):
    done = await check(change=lambda document: document["kafka"].clear())
    assert (done.code, "kafka.bootstrap_servers" in done.err) == (2, True)
