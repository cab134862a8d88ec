"""The system's calls: which are taken, and what they state. The calls are made apart from the worker."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from urllib.parse import parse_qs, quote_plus

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from contracts.epayment.events import NOTIFICATIONS
from tests.support.fakes.scripted_client import ScriptedClient
from tests.support.systems.epayment.answers import encoded, message, statuses
from tests.support.systems.epayment.reading import NOW, epayment_settings
from worker.notice import Notice
from worker.systems.calls import Call, CallRefused, CallUnverified, ReceivesCalls
from worker.systems.epayment.checks import MessageSchemas
from worker.systems.epayment.credentials import read_secrets
from worker.systems.epayment.system import EpaymentSystem
from worker.transport.port import Answer, DeliveryError

SCHEMAS = MessageSchemas.load()
FORM = "application/x-www-form-urlencoded; charset=utf-8"
PAID = {"Id": "2503141", "Status": "Paid", "ChangeTime": "2025-03-15T10:00:00.1230000"}
TOGETHER = [
    {
        "PaymentRequestIdentifier": one,
        "Status": "Paid",
        "ChangeTime": PAID["ChangeTime"],
        "ApplicantUin": "7223154154",
    }
    for one in ("2503141", "2503142")
]
NETWORKS = ["192.0.2.0/24", "2001:db8::/32"]
SECRET = "secret-of-one"
THEIRS, OTHERS = "192.0.2.7", "198.51.100.7"


def data_of(stated):
    return base64.b64encode(json.dumps(stated, ensure_ascii=False).encode()).decode()


def mac(data, secret=SECRET):
    return base64.b64encode(hmac.new(secret.encode(), data.encode(), hashlib.sha256).digest()).decode()


def form(*fields):
    return "&".join(f"{name}={quote_plus(value)}" for name, value in fields).encode()


def signed(stated=PAID, client="invented-client", secret=SECRET, data=None):
    data = data_of(stated) if data is None else data
    return form(("ClientId", client), ("Hmac", mac(data, secret)), ("Data", data))


def unsigned(stated=PAID, client="invented-client"):
    return form(("ClientId", client), ("Data", data_of(stated)))


def call(body, *, peer=OTHERS, method="POST", path="", content_type=FORM):
    headers = {} if content_type is None else {"content-type": content_type}
    return Call(method, path, "", headers, body, peer)


class Scene:
    """The system with a client that answers as it is told."""

    def __init__(self, answer=None, **changes):
        settings = epayment_settings(**changes)
        self.client = ScriptedClient([answer or Answer(500, {}, b"")])
        self.system = EpaymentSystem(
            settings, secrets=read_secrets(settings), schemas=SCHEMAS, client=self.client, now=lambda: NOW
        )

    async def receive(self, *args, **kwargs):
        return await self.system.receive(call(*args, **kwargs))


GOOD = data_of(PAID)
TABLE = [
    # (what comes, the body, the status that it is refused with, or how many notices it makes)
    ("the document's call", signed(), 1),
    ("names in other letters", signed().replace(b"ClientId", b"clientid").replace(b"Hmac", b"HMAC"), 1),
    (
        "members in other letters",
        signed({"id": "1", "status": "PAID", "changetime": "2025-01-01T00:00:00"}),
        1,
    ),
    ("another client's call, with its own secret", signed(client="other-client", secret="secret-of-two"), 1),
    ("more fields than are known", signed() + b"&Version=2", 1),
    ("payments that were paid together", signed(TOGETHER), 2),
    ("one thing twice in a list", signed([PAID, PAID]), 1),
    ("an empty list", signed([]), 0),
    ("forged: a wrong secret", signed(secret="guessed"), 401),
    ("forged: another client's secret", signed(secret="secret-of-two"), 401),
    ("forged: an unknown client", signed(client="nobody"), 401),
    ("forged: an unknown client with an empty secret", signed(client="nobody", secret=""), 401),
    ("forged: the client's name in other letters", signed(client="Invented-Client"), 401),
    ("forged: an empty HMAC", form(("ClientId", "invented-client"), ("Hmac", ""), ("Data", GOOD)), 401),
    (
        "forged: an HMAC of the decoded data",
        form(("ClientId", "invented-client"), ("Hmac", mac(json.dumps(PAID))), ("Data", GOOD)),
        401,
    ),
    (
        "forged: an HMAC in hexadecimal",
        form(
            ("ClientId", "invented-client"),
            ("Hmac", hmac.new(b"secret-of-one", GOOD.encode(), "sha256").hexdigest()),
            ("Data", GOOD),
        ),
        401,
    ),
    (
        "forged: the HMAC of other data",
        form(
            ("ClientId", "invented-client"),
            ("Hmac", mac(data_of({**PAID, "Status": "Pending"}))),
            ("Data", GOOD),
        ),
        401,
    ),
    (
        "forged: an HMAC with other letters",
        form(("ClientId", "invented-client"), ("Hmac", mac(GOOD).swapcase()), ("Data", GOOD)),
        401,
    ),
    (
        "forged: an HMAC with a line break",
        form(("ClientId", "invented-client"), ("Hmac", mac(GOOD) + "\n"), ("Data", GOOD)),
        401,
    ),
    (
        "forged: an HMAC in Cyrillic",
        form(("ClientId", "invented-client"), ("Hmac", "подпис"), ("Data", GOOD)),
        401,
    ),
    (
        "data cut, HMAC as before",
        form(("ClientId", "invented-client"), ("Hmac", mac(GOOD)), ("Data", GOOD[:-3])),
        401,
    ),
    ("no HMAC", unsigned(), 401),
    ("no HMAC, by a name like it", unsigned() + b"&Hmac256=x", 401),
    ("signed, truncated base64", signed(data=GOOD[:-1]), 400),
    ("signed, base64 with a line break", signed(data=GOOD[:8] + "\n" + GOOD[8:]), 400),
    ("signed, base64 for addresses", signed(data="_-_-"), 400),
    ("signed, in Cyrillic", signed(data="данни"), 400),
    ("signed, no JSON", signed(data=base64.b64encode(b"Id=1").decode()), 400),
    (
        "signed, JSON with a name twice",
        signed(data=base64.b64encode(b'{"Id":"1","Id":"2","Status":"Paid","ChangeTime":"x"}').decode()),
        400,
    ),
    ("signed, a name twice in two cases", signed({**PAID, "id": "9"}), 400),
    ("signed, no id", signed({**PAID, "Id": None}), 400),
    ("signed, an id that is a number", signed({**PAID, "Id": 1}), 400),
    ("signed, no status", signed({**PAID, "Status": ""}), 400),
    ("signed, a status as a number", signed({**PAID, "Status": 4}), 400),
    ("signed, no time", signed({"Id": "1", "Status": "Paid"}), 400),
    ("signed, one bad of two", signed([PAID, {}]), 400),
    ("signed, a text", signed("Paid"), 400),
    ("signed, null", signed(None), 400),
    (
        "signed, nested without end",
        signed(data=base64.b64encode(b"[" * 100_000 + b"]" * 100_000).decode()),
        400,
    ),
    ("signed, too many payments", signed([PAID] * 1001), 400),
    ("nothing", b"", 400),
    ("no form", b"hello", 400),
    ("JSON in place of a form", json.dumps(PAID).encode(), 400),
    ("bytes that are no ASCII", "ClientId=invented-client&Data=данни".encode(), 400),
    ("an escape that is no UTF-8", b"ClientId=%ff&Hmac=x&Data=y", 400),
    ("a field twice", signed() + b"&Data=x", 400),
    ("a field twice, in two cases", signed() + b"&data=x", 400),
    ("two HMACs", signed() + b"&hmac=x", 400),
    ("two clients", signed() + b"&CLIENTID=other-client", 400),
    ("no client", form(("Hmac", mac(GOOD)), ("Data", GOOD)), 400),
    ("no data", form(("ClientId", "invented-client"), ("Hmac", mac(""))), 400),
    ("empty data", signed(data=""), 400),
    ("too many fields", signed() + b"&x=1" * 30, 400),
    ("huge", b"Data=" + b"A" * 1024 * 1024, 413),
]


@pytest.mark.parametrize(("body", "expected"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
async def test_what_a_call_comes_to(body, expected):
    scene = Scene()
    received = await scene.receive(body)
    if isinstance(received, CallRefused):
        assert received.status == expected
    else:
        assert [type(one) for one in received] == [Notice] * expected
    assert scene.client.requests == []


async def test_the_notice_says_what_the_call_stated():
    (notice,) = await Scene().receive(signed())
    assert notice.type == "epayment.payment.status-changed.v1"
    assert notice.reference == "2503141"
    assert notice.data == {
        "paymentId": "2503141",
        "status": "paid",
        "statedStatus": "Paid",
        "changeTime": "2025-03-15T10:00:00.1230000",
        "client": "one",
        "confirmedBy": "signature",
    }


async def test_what_calls_of_algorithm_2_state_besides_is_told():
    extras = {"AisPaymentId": "INV-1", "PaymentReferenceNumber": "2025-1", "PaymentAmount": "24,50"}
    (notice,) = await Scene().receive(signed(PAID | extras))
    told = {name: notice.data[name] for name in ("aisPaymentId", "referenceNumber", "amount")}
    assert told == {"aisPaymentId": "INV-1", "referenceNumber": "2025-1", "amount": "24,50"}


@pytest.mark.parametrize(
    ("stated", "status"),
    [
        ("InProcess", "in-process"),
        ("INPROGRESS", "in-process"),
        ("Refunded", None),
        ("Раid", None),
        ("Paid ", None),
    ],
)
async def test_an_unknown_status_is_told_as_it_is_spelled(stated, status):
    (notice,) = await Scene().receive(signed(PAID | {"Status": stated}))
    assert (notice.data["status"], notice.data["statedStatus"]) == (status, stated)


@pytest.mark.parametrize(
    ("changes", "same"),
    [
        ({}, True),
        ({"ChangeTime": "2025-03-15T10:00:00.123"}, True),
        ({"Status": "PAID"}, True),
        ({"AisPaymentId": "INV-1"}, True),
        ({"ChangeTime": "2025-03-15T10:00:00.124"}, False),
        ({"ChangeTime": "yesterday"}, False),
        ({"Status": "Pending"}, False),
        ({"Status": "Refunded"}, False),
        ({"Id": "2503142"}, False),
    ],
)
async def test_a_repeated_call_has_the_key_of_the_first(changes, same):
    scene = Scene()
    (first,), (again,) = await scene.receive(signed()), await scene.receive(signed(PAID | changes))
    assert (first.key == again.key) is same


@pytest.mark.parametrize("body", [signed(), signed(TOGETHER)])
async def test_notices_fit_their_contract(body):
    for notice in await Scene().receive(body):
        NOTIFICATIONS[0].model.model_validate(notice.data, by_alias=True, by_name=False)


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"method": "GET"}, 405),
        ({"method": "PUT"}, 405),
        ({"path": "x"}, 404),
        ({"path": "../x", "method": "GET"}, 404),
        ({"content_type": "application/json"}, 400),
        ({"content_type": ""}, 400),
    ],
)
async def test_only_a_posted_form_at_the_route_is_read(changes, status):
    assert (await Scene().receive(signed(), **changes)).status == status


async def test_a_form_without_a_content_type_is_read():
    assert len(await Scene().receive(signed(), content_type=None)) == 1


async def test_a_client_whose_secret_cannot_be_read_is_called_again_later(tmp_path):
    clients = {"one": {"client_id": "invented-client", "secret_file": str(tmp_path / "absent")}}
    scene = Scene(clients=clients)
    assert isinstance(await scene.receive(signed()), CallUnverified)
    assert (await scene.receive(signed(client="nobody"))).status == 401


UNSIGNED = [
    # (what comes, the call, the caller, the system's answer, what it comes to)
    ("confirmed", unsigned(), THEIRS, statuses(("2503141", "paid")), 1),
    ("confirmed, by IPv6", unsigned(), "2001:db8::7", statuses(("2503141", "PAID")), 1),
    ("confirmed, by IPv4 in IPv6", unsigned(), "::ffff:192.0.2.7", statuses(("2503141", "paid")), 1),
    (
        "confirmed, two together",
        unsigned(TOGETHER),
        THEIRS,
        statuses(("2503141", "paid"), ("2503142", "paid")),
        2,
    ),
    ("an empty list", unsigned([]), THEIRS, None, 0),
    ("from elsewhere", unsigned(), OTHERS, statuses(("2503141", "paid")), 401),
    ("from nowhere", unsigned(), "", statuses(("2503141", "paid")), 401),
    ("from a name", unsigned(), "pay.egov.bg", statuses(("2503141", "paid")), 401),
    ("of an unknown client", unsigned(client="nobody"), THEIRS, statuses(("2503141", "paid")), 401),
    ("forged: the system shows another status", unsigned(), THEIRS, statuses(("2503141", "pending")), 503),
    (
        "forged: one of two is not paid",
        unsigned(TOGETHER),
        THEIRS,
        statuses(("2503141", "paid"), ("2503142", "authorized")),
        503,
    ),
    (
        "a status that nobody knows",
        unsigned(PAID | {"Status": "Refunded"}),
        THEIRS,
        statuses(("2503141", "Refunded")),
        503,
    ),
    ("no time", unsigned(), THEIRS, statuses(("2503141", "paid"), time=None), 503),
    ("no such payment request", unsigned(), THEIRS, statuses(("2503141", None)), 401),
    ("another's answer", unsigned(), THEIRS, statuses(("9", "paid")), 503),
    ("no JSON", unsigned(), THEIRS, b"<html>", 503),
    ("data that is none", form(("ClientId", "invented-client"), ("Data", "?")), THEIRS, None, 400),
    ("too many payments", unsigned([PAID | {"Id": str(one)} for one in range(101)]), THEIRS, None, 400),
    (
        "signed wrongly, from a named network",
        signed(secret="guessed"),
        THEIRS,
        statuses(("2503141", "paid")),
        401,
    ),
    (
        "an empty HMAC, from a named network",
        unsigned() + b"&Hmac=",
        THEIRS,
        statuses(("2503141", "paid")),
        401,
    ),
]


@pytest.mark.parametrize(
    ("body", "peer", "shown", "expected"), [row[1:] for row in UNSIGNED], ids=[row[0] for row in UNSIGNED]
)
async def test_a_call_without_hmac_is_believed_only_as_far_as_the_system_confirms_it(
    body, peer, shown, expected
):
    scene = Scene(Answer(200, {}, shown or b""), unsigned_callback_networks=NETWORKS)
    received = await scene.receive(body, peer=peer)
    if isinstance(received, CallUnverified):
        assert expected == 503
    elif isinstance(received, CallRefused):
        assert received.status == expected
    else:
        assert [one.data["confirmedBy"] for one in received] == ["status-query"] * expected


@pytest.mark.parametrize(
    ("body", "peer"),
    [
        (unsigned(), OTHERS),
        (unsigned(), "?"),
        (unsigned(client="nobody"), THEIRS),
        (signed(secret="guessed"), THEIRS),
        (unsigned([]), THEIRS),
    ],
    ids=["from elsewhere", "from a name", "of nobody", "signed wrongly", "of nothing"],
)
async def test_the_system_is_not_asked_about_calls_that_count_for_nothing(body, peer):
    scene = Scene(unsigned_callback_networks=NETWORKS)
    await scene.receive(body, peer=peer)
    assert scene.client.requests == []


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (Answer(401, {}, b""), CallUnverified),
        (Answer(400, {}, message("Not authorized to access payment request.")), CallRefused),
        (Answer(400, {}, message("anything else")), CallRefused),
        (Answer(400, {}, b"<html>"), CallUnverified),
        (Answer(500, {}, b""), CallUnverified),
        (Answer(429, {}, b""), CallUnverified),
        (Answer(200, {}, statuses(("2503141", "paid")), truncated=True), CallUnverified),
        (DeliveryError("answer-timeout", "no answer", sent=True), CallUnverified),
    ],
)
async def test_where_the_system_does_not_confirm_it_nothing_is_published(answer, expected):
    scene = Scene(answer, unsigned_callback_networks=NETWORKS)
    assert isinstance(await scene.receive(unsigned(), peer=THEIRS), expected)


async def test_the_question_is_asked_as_the_calls_client_and_tells_what_the_system_shows():
    scene = Scene(Answer(200, {}, statuses(("2503141", "paid"))), unsigned_callback_networks=NETWORKS)
    (notice,) = await scene.receive(unsigned(client="other-client"), peer=THEIRS)
    (request,) = scene.client.requests
    fields = {name: one for name, (one,) in parse_qs(request.content.decode()).items()}
    assert request.url == "https://pay.test:44310/api/v1/eService/paymentsStatus"
    assert (fields["clientId"], fields["hmac"]) == ("other-client", mac(fields["data"], "secret-of-two"))
    assert json.loads(base64.b64decode(fields["data"])) == {"requestIds": ["2503141"]}
    # The time is the one that the system stated when it was asked, not the call's.
    assert (notice.data["client"], notice.data["changeTime"]) == ("two", "2025-03-15T10:00:00.123")
    (again,) = await scene.receive(unsigned(client="other-client"), peer=THEIRS)
    assert again.key == notice.key


async def test_what_an_unsigned_call_states_besides_is_not_told():
    scene = Scene(Answer(200, {}, statuses(("2503141", "paid"))), unsigned_callback_networks=NETWORKS)
    (notice,) = await scene.receive(
        unsigned(PAID | {"PaymentAmount": "1.00", "AisPaymentId": "X"}), peer=THEIRS
    )
    assert notice.data.keys() == {
        "paymentId",
        "status",
        "statedStatus",
        "changeTime",
        "client",
        "confirmedBy",
    }


def test_the_answers_are_those_of_the_interface_document():
    system = Scene().system
    assert isinstance(system, ReceivesCalls)
    receipt, refusal = system.receipt(call(signed())), system.refusal(call(signed()), 503)
    assert (receipt.status, json.loads(receipt.body), receipt.content_type) == (
        200,
        {"success": True},
        "application/json",
    )
    assert (refusal.status, json.loads(refusal.body)) == (503, {"success": False})


@given(st.binary(max_size=200), st.sampled_from([THEIRS, OTHERS, "?"]))
@hypothesis_settings(deadline=None)
async def test_no_bytes_raise_or_are_believed(body, peer):
    received = await Scene(unsigned_callback_networks=NETWORKS).receive(body, peer=peer)
    assert isinstance(received, CallRefused | CallUnverified)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["Id", "Status", "ChangeTime", "id", "PaymentAmount"]), inner, max_size=4
        )
    ),
    max_leaves=20,
)


@given(JSON)
@hypothesis_settings(deadline=None)
async def test_no_signed_json_raises_and_all_notices_fit_their_contract(stated):
    received = await Scene().receive(signed(data=base64.b64encode(encoded(stated)).decode()))
    for notice in () if isinstance(received, CallRefused) else received:
        NOTIFICATIONS[0].model.model_validate(notice.data, by_alias=True, by_name=False)


@given(st.binary(min_size=1, max_size=64))
@hypothesis_settings(deadline=None)
async def test_a_changed_byte_of_the_data_breaks_the_signature(noise):
    data = base64.b64encode(noise).decode()
    changed = ("B" if data[0] != "B" else "C") + data[1:]
    body = form(("ClientId", "invented-client"), ("Hmac", mac(data)), ("Data", changed))
    assert (await Scene().receive(body)).status == 401


async def test_no_reason_of_a_refusal_holds_a_secret_or_the_data():
    for body, _ in (row[1:] for row in TABLE):
        received = await Scene().receive(body)
        shown = repr(received)
        assert "secret-of-one" not in shown
        assert "2503141" not in shown
        assert mac(GOOD) not in shown
