"""The System port as a whole, with a fake at the HttpClient port alone."""

from __future__ import annotations

import json
import uuid
from datetime import UTC, datetime

import pytest

from contracts.reasons import Reason
from contracts.registry import EVENT_TYPES
from tests.support.contract_events import submission
from tests.support.fakes.scripted_client import ScriptedClient
from tests.support.systems.erx.answers import framed, jwt, refused, searchset, token, user
from tests.support.systems.probes import SIGNS_OF_LIFE
from worker.outcome import Accepted, Blocked, NotArrived, Rejected, Retry, Unknown
from worker.systems.erx.accounts import read_accounts
from worker.systems.erx.checks import BodySchemas
from worker.systems.erx.settings import Name
from worker.systems.erx.system import ErxSystem
from worker.systems.port import Attempt, NotPrepared, Refused
from worker.transport.port import Answer, DeliveryError, SendGuard

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
ISSUE, REGISTER = "erx.prescription.issue.v1", "erx.user.register.v1"
SCHEMAS = BodySchemas.load()
PASSWORDS = ("password-of-one", "password-of-boss", "password-of-the-new", "software-password")


def attempt(number: int = 1, identity: str = "identity") -> Attempt:
    return Attempt(number, str(uuid.UUID(int=number, version=4)), NOW, identity)


class Register:
    """Answers logins with a new token each, and everything else with what it was told."""

    def __init__(self, answer: Answer | DeliveryError | None = None) -> None:
        self.answer = answer or Answer(404, {}, b"")
        self.login: Answer | None = None
        self.granted: list[str] = []
        self.client = ScriptedClient([self.react])

    def react(self, request):
        if not request.url.endswith("/auth/login"):
            if isinstance(self.answer, DeliveryError):
                raise self.answer
            return self.answer
        if self.login is not None:
            return self.login
        name = json.loads(request.content)["User"]["Data"][0]["Username"]
        self.granted.append(name)
        return token(jwt(sub=str(60 + len(self.granted)), exp=2000, iat=1000, name=name))

    def sent(self):
        return [one for one in self.client.requests if not one.url.endswith("/auth/login")]


@pytest.fixture
def register():
    return Register()


@pytest.fixture
def make(settings, register):
    def make(settings=settings):
        return ErxSystem(
            settings,
            accounts=read_accounts(settings),
            schemas=SCHEMAS,
            client=register.client,
            now=lambda: NOW,
            monotonic=lambda: 0.0,
        )

    return make


def test_it_knows_every_event_of_its_contract(make):
    erx = {event_type for event_type in EVENT_TYPES if event_type.startswith("erx.")}
    assert make().operations.keys() == erx
    assert {one.operation for one in EVENT_TYPES.values() if one.system == "erx"} == set(Name)


async def test_a_prescription_is_prepared_and_sent(make, register, document_event, document_bundle):
    system, event = make(), submission(ISSUE, document_event)
    prepared = await system.prepare(event, attempt())
    assert json.loads(prepared.request) == document_bundle
    assert "authorization" not in prepared.headers
    await system.exchange(prepared, SendGuard(lambda: True))
    (sent,) = register.sent()
    assert (sent.method, sent.url, sent.reuse) == ("POST", "https://erx.test/fhirlite/prescription", False)
    assert sent.content == prepared.request
    assert sent.headers == {
        "accept": "*/*",
        "accept-language": "bg-BG",
        "content-type": "application/json; charset=UTF-8",
        "authorization": prepared.secret_headers["authorization"],
    }


@pytest.mark.parametrize("name", [name for name in Name if name not in (Name.ISSUE, Name.REGISTER)])
async def test_what_only_reads_is_got_without_a_body(make, register, name):
    system = make()
    prepared = await system.prepare(submission(f"erx.{name.value}.v1"), attempt())
    await system.exchange(prepared, SendGuard(lambda: True))
    (sent,) = register.sent()
    assert (sent.method, sent.content) == ("GET", b"")
    assert "content-type" not in sent.headers


async def test_what_is_prepared_shows_no_patient_no_token_and_no_password(make):
    system = make()
    search = submission("erx.prescription.search.v1")
    for event in (search, submission(ISSUE), submission(REGISTER, signer="admin")):
        prepared = await system.prepare(event, attempt())
        shown = repr(prepared)
        for secret in ("7223154154", prepared.secret_headers["authorization"][7:], *PASSWORDS):
            assert secret not in shown


async def test_what_the_journal_keeps_of_a_registration_names_the_password(make, register):
    system = make()
    prepared = await system.prepare(submission(REGISTER, signer="admin"), attempt())
    assert register.granted == ["boss"]
    assert not any(one.encode() in prepared.evidence for one in PASSWORDS)
    await system.exchange(prepared, SendGuard(lambda: True))
    (sent,) = register.sent()
    assert json.loads(sent.content)["Auth"]["Data"][0]["Credentials"] == [
        {"Type": "password", "Value": "password-of-the-new"}
    ]
    kept, left = json.loads(prepared.evidence), json.loads(sent.content)
    kept["Auth"]["Data"][0].pop("Credentials")
    left["Auth"]["Data"][0].pop("Credentials")
    assert kept == left


async def test_only_an_administrator_registers_and_only_with_a_known_password(make):
    system = make()
    await system.check(submission(REGISTER, signer="admin"))
    data = {**EVENT_TYPES[REGISTER].example, "credentials": "nobody"}
    with pytest.raises(Refused) as refused:
        await system.check(submission(REGISTER, data))
    assert refused.value.reason == Reason.CONFIGURATION
    assert [problem.path for problem in refused.value.problems] == ["$.signer", "$.data.credentials"]
    await system.check(submission(ISSUE))


async def test_a_password_that_disappeared_blocks(make):
    data = {**EVENT_TYPES[REGISTER].example, "credentials": "nobody"}
    with pytest.raises(NotPrepared) as stopped:
        await make().prepare(submission(REGISTER, data, signer="admin"), attempt())
    assert stopped.value.outcome.reason == Reason.CONFIGURATION


def test_an_identity_is_that_of_the_seed_the_first_line_or_the_user(make, settings, document_event):
    system = make()
    one = system.identity(submission(ISSUE, document_event))
    assert one == system.identity(submission(ISSUE, document_event, event_id="2"))
    more = {**document_event["lines"][0], "internalId": "2", "bookletPart": "B0"}
    longer = {**document_event, "lines": [*document_event["lines"], more]}
    assert one == system.identity(submission(ISSUE, longer))
    document_event["lines"][0]["internalId"] = "1"
    assert one != system.identity(submission(ISSUE, document_event))
    newer = make(settings.model_copy(update={"profile": "2020-09"}))
    seeded = [submission(ISSUE, {**data, "seed": "s"}) for data in (longer, document_event)]
    assert newer.identity(seeded[0]) == newer.identity(seeded[1])
    assert newer.identity(seeded[0]) != newer.identity(submission(ISSUE, document_event))
    assert system.identity(submission(REGISTER)) == "dr-example"
    read = [submission("erx.user.whoami.v1", event_id=number) for number in ("1", "2")]
    assert system.identity(read[0]) != system.identity(read[1])


async def test_a_401_storm_renews_once(make, register):
    system = make()
    prepared = [await system.prepare(submission(ISSUE), attempt(number)) for number in range(1, 6)]
    for one in prepared:
        outcome = system.interpret(submission(ISSUE), one, Answer(401, {}, b""))
        assert isinstance(outcome, Retry)
        assert outcome.reauthorize
        await system.reauthorize(one)
        await system.prepare(submission(ISSUE), attempt(9))
    assert register.granted == ["dr-one", "dr-one"]


async def test_each_signer_has_a_token_of_its_own(make, register):
    system = make()
    await system.prepare(submission(ISSUE), attempt())
    await system.prepare(submission(ISSUE, signer="admin"), attempt())
    assert register.granted == ["dr-one", "boss"]
    assert not system.knows_signer("two")


async def test_the_user_of_the_token_is_in_the_offline_barcode(make, document_event, document_answer):
    system, event = make(), submission(ISSUE, document_event)
    prepared = await system.prepare(event, attempt())
    outcome = system.interpret(event, prepared, Answer(200, {}, json.dumps(document_answer).encode()))
    assert outcome.data["offlineBarcodes"][0] == "ERXI-20260301-61-1000007543"


async def test_a_refused_login_blocks_and_tells_no_password(make, register):
    register.login = Answer(200, {}, refused("Грешно потребителско име или парола"))
    with pytest.raises(NotPrepared) as stopped:
        await make().prepare(submission(ISSUE), attempt())
    assert isinstance(stopped.value.outcome, Blocked)
    assert stopped.value.outcome.reason == Reason.ACCESS_DENIED


async def test_a_refused_login_is_not_repeated_for_each_event(make, register):
    register.login = Answer(200, {}, refused("Грешно потребителско име или парола"))
    system = make()
    for number in range(1, 4):
        with pytest.raises(NotPrepared):
            await system.prepare(submission(ISSUE, event_id=str(number)), attempt())
    assert len(register.client.requests) == 1


async def test_a_prescription_in_doubt_is_searched(make, settings, document_event, document_answer):
    doctor = settings.users["one"].model_copy(update={"username": "niset2"})
    system = make(settings.model_copy(update={"users": {"one": doctor}}))
    event = submission(ISSUE, document_event)
    found = Rejected(())
    query = await system.prepare_look_up(event, attempt(2), found)
    assert query.operation == "prescription.search"
    assert query.url.startswith("https://erx.test/fhir/MedicationRequest?")
    assert query.method == "GET"
    shown = [one["Resource"] for one in document_answer["Result"]["T2"]["Entry"][:2]]
    body = framed(searchset(*shown, total=2))
    assert isinstance(system.settle(event, found, query, Answer(200, {}, body)), Accepted)
    other = make(settings.model_copy(update={"users": {"one": settings.users["admin"]}}))
    assert other.settle(event, found, query, Answer(200, {}, body)).reason == Reason.OUTCOME_UNKNOWN
    nothing = Answer(200, {}, framed(searchset(total=0)))
    assert system.settle(event, found, query, nothing) is found
    lost = Unknown(Reason.ANSWER_TIMEOUT, "no answer")
    assert isinstance(system.settle(event, lost, query, nothing), NotArrived)
    garbled = system.settle(event, lost, query, Answer(200, {}, b"<html/>"))
    assert garbled.reason == Reason.UNREADABLE_ANSWER


async def test_a_registration_in_doubt_is_confirmed_by_the_new_user(make, register):
    system, event = make(), submission(REGISTER, signer="admin")
    found = Rejected(())
    query = await system.prepare_look_up(event, attempt(2), found)
    assert register.granted == ["dr-example"]
    assert (query.operation, query.url) == ("user.whoami", "https://erx.test/user/me")
    (login,) = register.client.requests
    assert json.loads(login.content)["User"]["Data"][0]["Credentials"][0]["Value"] == "password-of-the-new"
    settled = system.settle(event, found, query, Answer(200, {}, framed(user())))
    assert settled.data["alreadyRegistered"] is True


async def test_a_new_user_who_cannot_log_in_confirms_nothing(make, register):
    register.login = Answer(200, {}, refused("Грешно потребителско име или парола"))
    with pytest.raises(NotPrepared) as stopped:
        await make().prepare_look_up(submission(REGISTER, signer="admin"), attempt(2), Rejected(()))
    assert stopped.value.outcome.reason == Reason.ACCESS_DENIED


async def test_what_only_reads_has_no_look_up(make):
    event = submission("erx.user.whoami.v1")
    assert await make().prepare_look_up(event, attempt(), Rejected(())) is None


@pytest.mark.parametrize(("reaction", "alive"), SIGNS_OF_LIFE)
async def test_a_probe_takes_any_answer_below_500_for_life(make, register, reaction, alive):
    register.answer = reaction
    assert (await make().probe() is None) == alive
    assert register.granted == []


async def test_closing_closes_the_connections(make, register):
    await make().close()
    assert register.client.closed
