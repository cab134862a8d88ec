"""Pulling code lists: what came, what did not, and why."""

from __future__ import annotations

import itertools
import re
import threading
from datetime import UTC, datetime

import pytest
from pydantic import ValidationError

from contracts.reasons import Reason
from tests.support.fakes.scripted_client import ScriptedClient
from tests.support.systems.nhis.answers import leaf, leaves, message, refusal
from worker.configuration_error import ConfigurationError
from worker.outcome import Blocked, Retry
from worker.systems.nhis import nomenclatures as module
from worker.systems.nhis.build import build_nomenclatures, nomenclature_schemas, request_schemas
from worker.systems.nhis.nomenclatures import Nomenclatures
from worker.systems.nhis.settings import NhisSettings
from worker.systems.tokens import Granted
from worker.transport.clients import HttpClients
from worker.transport.port import Answer, DeliveryError

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
_SCHEMAS = request_schemas(NhisSettings(), ["C001", "C003"])


def id_of(request) -> str:
    return re.search(rb'messageId value="([^"]+)"', request.content)[1].decode()


def answering(type_, contents):
    return lambda request: Answer(200, {}, message(type_, contents, message_id=id_of(request)))


def nomenclature(list_id, *entries):
    return f"<nhis:nomenclature>{leaf('nomenclatureId', list_id)}{''.join(entries)}</nhis:nomenclature>"


def entry(key, description, **meta):
    more = "".join(f"<nhis:meta>{leaves(name=name, value=value)}</nhis:meta>" for name, value in meta.items())
    return f"<nhis:entry>{leaves(key=key, description=description)}{more}</nhis:entry>"


VACCINES = answering("C002", nomenclature("CL037", entry("17", "BCG", inn="x"), entry("2998", "Engerix B")))
LOTS = answering(
    "C004",
    f"<nhis:vaccineLot>{leaves(vaccineCode='17', lotNumber='A1', expirationDate='2027-01-01')}</nhis:vaccineLot>",
)


def nomenclatures(settings, *script, token=None, pace=None):
    client = ScriptedClient(script)
    ids = (f"00000000-0000-4000-8000-{number:012}" for number in itertools.count())
    made = Nomenclatures(
        settings,
        schemas=_SCHEMAS,
        client=client,
        now=lambda: NOW,
        new_id=lambda: next(ids),
        token=token,
        pace=pace,
    )
    return made, client.requests


@pytest.mark.parametrize("ids", [["CL037", "C004"], ["cl037", "c004"]])
async def test_lists_and_lots_are_pulled(settings, ids):
    made, requests = nomenclatures(settings, VACCINES, LOTS)
    pulled = await made.pull(ids)
    vaccines, lots = pulled.lists
    assert pulled.problems == ()
    assert (vaccines.id, vaccines.name, vaccines.fetched_at) == ("CL037", "vaccines", NOW)
    assert vaccines.codes == {"17": {"description": "BCG", "inn": "x"}, "2998": {"description": "Engerix B"}}
    assert lots.codes == {"17|A1": {"vaccineCode": "17", "lotNumber": "A1", "expirationDate": "2027-01-01"}}
    assert [request.url.removeprefix("https://nhis.test/v1/nomenclatures/all/") for request in requests] == [
        "get",
        "vaccinelotnumber",
    ]
    assert b"Signature" not in requests[0].content
    assert "authorization" not in requests[0].headers
    assert re.findall(rb'vaccineCode value="([^"]+)"', requests[1].content) == [b"17", b"2998"]


async def test_the_content_type_is_a_setting(settings):
    made, requests = nomenclatures(settings.model_copy(update={"content_type": "application/xml"}), VACCINES)
    await made.pull(["CL037"])
    assert requests[0].headers["content-type"] == "application/xml"


async def test_by_default_the_lists_of_the_settings_and_the_lots(settings):
    settings = settings.model_copy(update={"nomenclatures": ("CL037",)})
    made, _ = nomenclatures(settings, VACCINES, LOTS)
    assert [one.id for one in (await made.pull()).lists] == ["CL037", "C004"]


async def test_answers_are_read_beside_the_event_loop_and_requests_keep_their_pace(settings, monkeypatch):
    """A worker has submissions in progress meanwhile, and a list of 39,000 codes takes seconds."""
    threads, paces, interpret = [], [], module.interpret

    def reading(*arguments):
        threads.append(threading.current_thread())
        return interpret(*arguments)

    async def pace():
        paces.append(len(requests))

    monkeypatch.setattr(module, "interpret", reading)
    made, requests = nomenclatures(settings, VACCINES, VACCINES, LOTS, pace=pace)
    await made.pull(["CL037", "CL037", "C004"])
    assert len(threads) == 3
    assert threading.main_thread() not in threads
    assert paces == [1, 2], "between the requests"


async def test_it_needs_no_sender(settings):
    made, requests = nomenclatures(settings.model_copy(update={"senders": {}}), VACCINES)
    assert len((await made.pull(["CL037"])).lists) == 1
    assert b'sender value="4"' in requests[0].content


async def test_the_largest_list_of_nhis_is_read(settings):
    """CL011 has 39,000 diagnoses, each with its English name as meta: more parts than any other answer may have."""
    many = (entry(f"A{number}", "x", DescriptionEn="y") for number in range(39_000))
    made, _ = nomenclatures(settings, answering("C002", nomenclature("CL011", *many)))
    pulled = await made.pull(["CL011"])
    assert pulled.problems == ()
    assert len(pulled.lists[0].codes) == 39_000


async def test_a_key_that_stands_twice_keeps_its_first_description(settings):
    twice = answering("C002", nomenclature("CL038", entry("57", "one"), entry("57", "two")))
    made, _ = nomenclatures(settings, twice)
    assert (await made.pull(["CL038"])).lists[0].codes == {"57": {"description": "one"}}


@pytest.mark.parametrize(
    ("reaction", "told"),
    [
        (DeliveryError("connection-refused", "nhis.test:443: no connection", sent=False), "no connection"),
        (
            lambda request: Answer(400, {}, refusal("Няма номенклатура", message_id=id_of(request))),
            "Няма номенклатура",
        ),
        (Answer(500, {}, b""), "500"),
        (Answer(200, {}, b"<html>"), "not a readable"),
        (answering("C002", nomenclature("CL037")), "does not fit"),
        (answering("C002", nomenclature("CL001", entry("1", "x"))), "does not fit"),
        (answering("C004", ""), "not the expected C002"),
    ],
)
async def test_a_list_that_does_not_come_is_reported_and_costs_no_other(settings, reaction, told):
    made, _ = nomenclatures(settings, reaction, VACCINES)
    pulled = await made.pull(["CL037", "CL037"])
    assert len(pulled.lists) == 1
    (problem,) = pulled.problems
    assert problem.startswith("CL037 (vaccines): ")
    assert told in problem


async def test_a_name_that_is_no_list_is_reported_without_asking(settings):
    made, requests = nomenclatures(settings, VACCINES)
    pulled = await made.pull(["CL37"])
    assert (len(pulled.problems), requests) == (1, [])


def test_a_bundle_of_one_module_leaves_the_nomenclatures_to_the_schemas_that_come_with_herald(tmp_path):
    assert set(nomenclature_schemas(NhisSettings(schema_dir=tmp_path))) == {"C001", "C003"}


def test_a_bundle_that_holds_them_is_used_for_them(tmp_path):
    (tmp_path / "NHIS-C001.xsd").write_text("<no-schema/>", encoding="utf-8")
    with pytest.raises(ConfigurationError, match=r"NHIS-C001\.xsd"):
        nomenclature_schemas(NhisSettings(schema_dir=tmp_path))


async def test_lots_are_asked_for_with_a_token_where_the_settings_name_a_signer(settings):
    async def token():
        return Granted("secret-token", 60.0)

    made, requests = nomenclatures(settings, VACCINES, LOTS, token=token)
    assert (await made.pull(["CL037", "C004"])).problems == ()
    assert "authorization" not in requests[0].headers
    assert requests[1].headers["authorization"] == "Bearer secret-token"


@pytest.mark.parametrize("kind", [Retry, Blocked])
async def test_without_the_token_the_lots_are_reported_and_the_lists_come(settings, kind):
    async def token():
        return kind(Reason.ACCESS_DENIED, "NHIS gives no token")

    made, requests = nomenclatures(settings, VACCINES, token=token)
    pulled = await made.pull(["CL037", "C004"])
    assert [one.id for one in pulled.lists] == ["CL037"]
    assert pulled.problems == ("C004 (vaccine lots): NHIS gives no token",)
    assert len(requests) == 1


@pytest.mark.parametrize("auth", ["challenge", "mtls"])
async def test_the_signer_of_lots_must_have_a_key(settings, key, auth):
    asks = settings.model_copy(update={"vaccine_lots_signer": "one", "auth": auth})
    http, options = (
        HttpClients(asks.transport),
        {"now": lambda: NOW, "new_id": lambda: "", "schemas": _SCHEMAS},
    )
    assert build_nomenclatures(asks, http=http, keys={"one": key}, **options)._token is not None
    assert build_nomenclatures(settings, http=http, keys={"one": key}, **options)._token is None
    with pytest.raises(ConfigurationError, match="vaccine_lots_signer"):
        build_nomenclatures(asks, http=http, **options)
    await http.aclose()


def test_the_signer_of_lots_must_be_a_sender():
    with pytest.raises(ValidationError, match="no such name under senders"):
        NhisSettings(vaccine_lots_signer="nobody")
