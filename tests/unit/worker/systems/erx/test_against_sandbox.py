"""What the worker sends is taken by the sandbox, and what the sandbox answers is read: both keep to one document."""

from __future__ import annotations

import copy
import uuid
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import pytest

from contracts.erx import examples
from contracts.reasons import Reason
from contracts.registry import EVENT_TYPES
from sandbox.erx.stand_in import TEST_CLIENT, TEST_USERS, ErxRegister
from sandbox.stand_in import Request
from tests.support.contract_events import submission
from tests.support.fakes.scripted_client import ScriptedClient
from worker.outcome import Accepted, AlreadyExists, Unknown
from worker.systems.erx.accounts import read_accounts
from worker.systems.erx.checks import BodySchemas
from worker.systems.erx.settings import ErxSettings
from worker.systems.erx.system import ErxSystem
from worker.systems.port import Attempt, NotPrepared, Refused
from worker.transport.port import Answer, SendGuard

NOW = datetime(2026, 11, 26, 10, 0, tzinfo=UTC)
SCHEMAS = BodySchemas.load()
PASSWORDS = {user.username: user.password for user in TEST_USERS}


def attempt():
    return Attempt(1, str(uuid.UUID(int=1, version=4)), NOW, "identity")


class World:
    """A worker's eRx system whose HTTP client is a register in memory."""

    def __init__(self, profile="2020-06", language="bg-BG"):
        self.now = NOW
        self.register = ErxRegister(now=lambda: self.now, seed=7, profile=profile)
        name, password = TEST_CLIENT
        users = {
            "one": {"username": "dr-ivanova", "password": PASSWORDS["dr-ivanova"]},
            "admin": {"username": "erx-admin", "password": PASSWORDS["erx-admin"], "role": "admin"},
        }
        settings = ErxSettings.model_validate(
            {
                "profile": profile,
                "accept_language": language,
                "client": {"username": name, "password": password},
                "users": users,
                "secrets": {"dr-example": {"password": "password-of-a-test"}},
            }
        )
        self.system = ErxSystem(
            settings,
            accounts=read_accounts(settings),
            schemas=SCHEMAS,
            client=ScriptedClient([self.react]),
            now=lambda: self.now,
            monotonic=lambda: 0.0,
        )

    def react(self, request):
        url = urlsplit(request.url)
        answer = self.register.answer(
            Request(request.method, url.path, url.query, dict(request.headers), request.content)
        )
        return Answer(answer.status, {"content-type": answer.content_type}, answer.body)

    async def ask(self, name, data, signer="one"):
        """Submit an event, and return its outcome; what is accepted keeps to the contract."""
        event = submission(f"erx.{name}.v1", data, signer=signer)
        await self.system.check(event)
        prepared = await self.system.prepare(event, attempt())
        answer = await self.system.exchange(prepared, SendGuard(lambda: True))
        return self._kept(event, self.system.interpret(event, prepared, answer))

    async def look_up(self, name, data, found, signer="one"):
        event = submission(f"erx.{name}.v1", data, signer=signer)
        query = await self.system.prepare_look_up(event, attempt(), found)
        answer = await self.system.exchange(query, SendGuard(lambda: True))
        return self._kept(event, self.system.settle(event, found, query, answer))

    def _kept(self, event, outcome):
        if isinstance(outcome, Accepted):
            EVENT_TYPES[event.type].result.model_validate(dict(outcome.data), by_alias=True, by_name=False)
        return outcome


@pytest.fixture
def world():
    return World()


def prescription(*ids, doses=(3, 2)):
    data = copy.deepcopy(examples.ISSUE)
    data["category"] = "N"
    for line, own_id, dose in zip(data["lines"], ids, doses, strict=True):
        line["internalId"] = own_id
        line["dosage"]["dose"]["value"] = dose
    return data


LOST = Unknown(Reason.ANSWER_TIMEOUT, "no answer")


@pytest.mark.parametrize("ids", [("1", "2"), ("1", "1")], ids=["ids of their own", "the single id"])
async def test_a_prescription_is_issued_changed_and_confirmed_under_either_kind_of_ids(world, ids):
    first = await world.ask("prescription.issue", prescription(*ids))
    second = await world.ask("prescription.issue", prescription(*ids, doses=(4, 5)))
    for outcome, version in ((first, "1"), (second, "2")):
        assert isinstance(outcome, Accepted)
        assert [(one["internalId"], one["version"]) for one in outcome.data["lines"]] == [
            (one, version) for one in ids
        ]
    lines = first.data["lines"]
    assert len({one["location"] for one in lines}) == 2
    assert [one["mrId"] for one in lines] == [f"{first.data['barcodes'][0]}-{at}" for at in (0, 1)]
    assert len(first.data["locations"]) == 6
    (kept,) = world.register.ledger()["prescriptions"]
    assert kept["written"] == 2
    shown = await world.look_up("prescription.issue", prescription(*ids, doses=(4, 5)), LOST)
    assert isinstance(shown, Accepted)
    assert [one["mrId"] for one in shown.data["lines"]] == [one["mrId"] for one in lines]


@pytest.mark.parametrize("profile", ["2020-06", "2020-09"])
async def test_a_barcode_reserved_before_is_the_one_that_the_register_finds_the_prescription_by(profile):
    world = World(profile)
    reserved = await world.ask("barcode.reserve", {"internalId": "S1"})
    assert isinstance(reserved, Accepted)
    (barcode,) = reserved.data["barcodes"]
    assert reserved.data["userId"] == "60"
    assert world.register.ledger()["prescriptions"] == []
    issued = await world.ask("prescription.issue", prescription("S1", "S1") | {"seed": "S1"})
    assert barcode in issued.data["offlineBarcodes"]
    found = await world.ask("pharmacy.search", {"barcode": barcode})
    (shown,) = found.data["prescriptions"]
    assert len(shown["PrescriptionRows"]) == 2


async def test_a_barcode_of_another_day_is_another_barcode(world):
    world.now += timedelta(hours=13)  # after midnight in Sofia
    reserved = await world.ask("barcode.reserve", {"internalId": "1"})
    assert (reserved.data["day"], reserved.data["barcodes"]) == ("2026-11-27", ["ERXI-20261127-60-1"])


async def test_strips_are_of_the_newer_text_alone(world):
    with pytest.raises(Refused) as refused:
        await world.ask("barcode.reserve", {"internalId": "1", "strips": ["A"]})
    assert [one.path for one in refused.value.problems] == ["$.data.strips"]
    strips = await World("2020-09").ask("barcode.reserve", {"internalId": "1", "strips": ["A", "B"]})
    assert strips.data["barcodes"] == ["ERXE-20261126-60-1-A", "ERXE-20261126-60-1-B"]


@pytest.mark.parametrize("error", ["fhir", "integrity"])
@pytest.mark.parametrize("language", ["bg-BG", "en-EN"])
async def test_a_registration_that_failed_in_the_middle_is_settled_by_the_new_users_own_record(
    error, language
):
    world = World(language=language)
    world.register.control("half-done-registration", {"error": error, "role": True})
    found = await world.ask("user.register", examples.REGISTER, signer="admin")
    assert isinstance(found, AlreadyExists)
    settled = await world.look_up("user.register", examples.REGISTER, found, signer="admin")
    assert isinstance(settled, Accepted)
    assert settled.data["alreadyRegistered"] is True
    assert settled.data["firstName"] == examples.REGISTER["firstName"]


async def test_an_account_without_its_role_is_for_a_person(world):
    world.register.control("half-done-registration", {})
    found = await world.ask("user.register", examples.REGISTER, signer="admin")
    settled = await world.look_up("user.register", examples.REGISTER, found, signer="admin")
    assert (type(settled), settled.reason) == (Unknown, Reason.OUTCOME_UNKNOWN)


async def test_an_account_that_is_not_there_confirms_nothing(world):
    world.register.control("half-done-registration", {"account": False})
    found = await world.ask("user.register", examples.REGISTER, signer="admin")
    with pytest.raises(NotPrepared) as stopped:
        await world.look_up("user.register", examples.REGISTER, found, signer="admin")
    assert stopped.value.outcome.reason == Reason.ACCESS_DENIED


async def test_searches_show_what_the_contract_names():
    world = World("2020-09")
    issued = await world.ask("prescription.issue", prescription("1", "2") | {"seed": "S1"})
    (barcode,) = issued.data["barcodes"]
    found = await world.ask("prescription.search", {"barcode": barcode})
    first = found.data["results"][-1]
    assert first["dosageInstruction"][0]["doseAndRate"][0]["doseQuantity"] == {"value": 3, "unit": "units"}
    assert first["meta"] == {"versionId": "1"}
    world.register.control("dispense", {"barcode": barcode})
    dispensed = await world.ask("dispensing.search", {"barcode": barcode})
    assert dispensed.data["found"] == 2
    assert {one["status"] for one in dispensed.data["results"]} == {"completed"}
