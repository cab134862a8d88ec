"""A worker's pull against the sandbox: its answers, its failures and an empty list; real TLS, a real journal."""

from __future__ import annotations

from datetime import UTC, datetime
from random import Random

import pytest

from sandbox.nhis.nomenclatures import Nomenclatures
from tests.integration.systems.nhis.conftest import keys_of
from tests.support.fakes.ports import FakeClock
from worker.admin.code_lists import checked_lists, list_code_lists, scheduled_pulls, show_code_list
from worker.observability.metrics.labels import PullOutcome
from worker.settings.model import Settings

LISTS = ["CL006", "CL037"]
SHORT = {"connect_timeout": 2, "answer_timeout": 4, "total_timeout": 5}


def settings_of(sandbox, dsn: str, *, limits=None, **section) -> Settings:
    return Settings.model_validate(
        {
            "kafka": {"bootstrap_servers": "127.0.0.1:1"},
            "journal": {"dsn": dsn},
            "limits": limits or {},
            "systems": {
                "nhis": {
                    "api_url": sandbox.url,
                    "auth_url": sandbox.auth_url,
                    "senders": {one.name: {"uin": one.uin} for one in sandbox.signers},
                    "transport": {"ca_file": str(sandbox.ca_file), **SHORT},
                    "nomenclatures": LISTS,
                    **section,
                }
            },
        }
    )


class Pulling:
    """One worker's pulls, what they counted, and their clock, which every pause moves."""

    def __init__(self, settings: Settings, keys) -> None:
        self.clock = FakeClock(datetime.now(UTC), runs=True)
        self.outcomes: list[PullOutcome] = []
        pulls = scheduled_pulls(
            settings,
            "nhis",
            self.clock,
            keys=keys,
            held_back=lambda: None,
            random=Random(7),
            counter_of=lambda _: self.outcomes.append,
        )
        assert pulls is not None
        self.pulls = pulls


@pytest.fixture
async def pulling(sandbox, journal_dsn):
    made = []

    def one(*, keys=None, **changes) -> Pulling:
        settings = settings_of(sandbox, journal_dsn, **changes)
        made.append(Pulling(settings, keys_of(sandbox) if keys is None else keys))
        return made[-1]

    yield one
    for each in made:
        await each.pulls.close()


@pytest.fixture
def journal_settings(sandbox, journal_dsn):
    return settings_of(sandbox, journal_dsn).journal


@pytest.mark.parametrize("auth", ["challenge", "mtls"])
async def test_a_worker_pulls_lists_and_lots_and_with_a_token_where_the_settings_say_so(
    pulling, sandbox, journal_settings, auth
):
    one = pulling(auth=auth, vaccine_lots_signer=sandbox.signers[0].name)
    await one.pulls.pull_if_due()
    assert one.outcomes == [PullOutcome.PULLED]
    assert {one.id for one in await list_code_lists(journal_settings)} == {*LISTS, "C004"}
    assert "2998" in (await show_code_list(journal_settings, "CL037")).codes
    assert one.clock.naps == [1.0, 1.0], "a second between two requests"


async def test_it_takes_a_tenth_of_the_requests_that_the_settings_allow(pulling):
    one = pulling(limits={"requests_per_second": 2})
    await one.pulls.pull_if_due()
    assert one.clock.naps == [5.0, 5.0]


async def test_nhis_fails_and_then_answers(pulling, sandbox, journal_settings, caplog):
    sandbox.faults.add("status", match={"messageType": "C001"}, status=503, times=2)
    one = pulling()
    await one.pulls.pull_if_due()
    assert one.outcomes == [PullOutcome.INCOMPLETE]
    assert [cached.id for cached in await list_code_lists(journal_settings)] == ["C004"]
    (told,) = [line for line in caplog.records if line.message.startswith("code lists were not pulled")]
    assert "503" in told.detail
    await one.clock.sleep(80)
    await one.pulls.pull_if_due()
    assert one.outcomes == [PullOutcome.INCOMPLETE, PullOutcome.PULLED]
    assert [cached.id for cached in await list_code_lists(journal_settings)] == ["C004", *LISTS]


async def test_an_empty_list_is_refused_and_the_earlier_one_stays(pulling, sandbox, journal_settings):
    one = pulling()
    await one.pulls.pull_if_due()
    before = await show_code_list(journal_settings, "CL006")
    full = sandbox.state.nomenclatures
    lists = {name: {"entries": full.entries(name)} for name in LISTS} | {"CL006": {"entries": []}}
    sandbox.state.nomenclatures = Nomenclatures(lists)
    await one.clock.sleep(2 * 86_400)
    for _ in range(3):
        await one.pulls.pull_if_due()
        await one.clock.sleep(400)
    assert one.outcomes == [
        PullOutcome.PULLED,
        PullOutcome.INCOMPLETE,
        PullOutcome.FAILED,
        PullOutcome.FAILED,
    ]
    (warning,) = one.pulls.warnings()
    assert "CL006 (medical specialties)" in warning.reason
    assert await show_code_list(journal_settings, "CL006") == before


async def test_a_signer_that_cannot_be_used_for_the_lots_is_told(pulling, sandbox):
    """The name of the setting is what an operator needs."""
    one = pulling(vaccine_lots_signer=sandbox.signers[0].name, keys={})
    for _ in range(3):
        await one.pulls.pull_if_due()
        await one.clock.sleep(400)
    (warning,) = one.pulls.warnings()
    assert "vaccine_lots_signer" in warning.reason
    assert one.outcomes == [PullOutcome.FAILED] * 3


@pytest.mark.parametrize(
    ("section", "wanted"),
    [
        ({}, (*LISTS, "C004")),
        ({"check_lots": False}, tuple(LISTS)),
        ({"check_codes": False}, ("C004",)),
        ({"check_codes": False, "check_lots": False}, None),
        ({"nomenclatures": [], "check_lots": False}, None),
    ],
)
def test_what_is_checked_is_pulled(sandbox, section, wanted):
    settings = settings_of(sandbox, "postgresql://h@127.0.0.1/h", **section)
    assert checked_lists(settings).get("nhis") == wanted


@pytest.mark.parametrize(
    ("system", "section"),
    [
        ("nhis", {"nomenclature_pulls": {"enabled": False}}),
        ("nhis", {"check_codes": False, "check_lots": False}),
        ("erx", {}),
    ],
)
def test_nothing_is_pulled_that_nobody_wants(sandbox, system, section):
    settings = settings_of(sandbox, "postgresql://h@127.0.0.1/h", **section)
    pulls = scheduled_pulls(
        settings,
        system,
        FakeClock(),
        keys={},
        held_back=lambda: None,
        random=Random(7),
        counter_of=lambda _: pytest.fail("nothing is counted of what nobody wants"),
    )
    assert pulls is None
