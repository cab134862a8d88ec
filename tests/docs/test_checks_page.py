"""docs/checks.md: its table names the checks that the command makes, and its numbers are those of the code."""

from __future__ import annotations

import re
from types import SimpleNamespace

from tests.support.readme import ROOT
from worker.admin.preflight import clock_policy, signer_policy, system_policy
from worker.admin.preflight.journal_policy import NEWEST_TRIED, OLDEST
from worker.admin.preflight.preflight import Built, Options, checks_of
from worker.cli.commands.check import TIMEOUT
from worker.clock import SystemClock
from worker.journal.inspection import CONNECTIONS_OF_A_WORKER
from worker.settings.load import load
from worker.signing.registry import load_signers
from worker.systems.port import Endpoint

TEXT = (ROOT / "docs" / "checks.md").read_text(encoding="utf-8")
INSTALLATION = {
    "HERALD_KAFKA__BOOTSTRAP_SERVERS": "kafka:9092",
    "HERALD_JOURNAL__DSN": "postgresql://nobody@127.0.0.1:1/none",
    "HERALD_SYSTEMS__NHIS__TIME_ZONE": "Europe/Sofia",
}


def test_the_table_of_checks_names_each_check_in_their_order():
    cells = re.findall(
        r"^\| (`[a-z]+\.[a-z.-]+`(?:, `[a-z]+\.[a-z.-]+`)*) \| .+ \| [a-z]+ \|$", TEXT, re.MULTILINE
    )
    told = [name for cell in cells for name in re.findall(r"`([^`]+)`", cell)]
    assert told == list(dict.fromkeys(check.id for check in every_check()))


def every_check():
    """Return the checks of an installation whose one system has everything that is checked."""
    settings = load(None, INSTALLATION)
    system = SimpleNamespace(
        name="x",
        endpoints=lambda: [
            Endpoint(
                "services", "https://x.invalid", SimpleNamespace(handshake=len), probe="https://x.invalid/"
            )
        ],
        logins=lambda: ["doctor"],
        try_login=len,
        certificates=list,
    )
    built = Built([system], load_signers({}, clock=SystemClock().now), {})
    return checks_of(settings, built, SystemClock().now, Options(seconds=1))


def test_the_numbers_of_the_checks_are_those_of_the_code():
    assert f"PostgreSQL {OLDEST} to {NEWEST_TRIED}" in TEXT
    assert f"its {CONNECTIONS_OF_A_WORKER} connections" in TEXT
    assert f"{signer_policy.SOON.days} days or fewer are a warning" in TEXT
    assert f"more than {system_policy.SOON.days} days" in TEXT
    assert f"more than {clock_policy.TOLERATED.seconds} s are a warning" in TEXT
    assert f"more than {clock_policy.TOO_FAR.seconds} s a failure" in TEXT
    assert f"({TIMEOUT:g} seconds)" in TEXT
