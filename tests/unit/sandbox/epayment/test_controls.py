"""The sandbox's own control: what it takes, what it refuses, and that a reset takes all of it back."""

from __future__ import annotations

import pytest

from sandbox.stand_in import InvalidControl


def test_steps_choose_by_identifier_by_ais_payment_id_or_all(call):
    ids = [call.register(aisPaymentId=f"A{one}", paymentReferenceNumber=str(one)) for one in range(4)]
    control = call.api.control
    assert control("step", {"step": "cancel", "aisPaymentId": "A0"}) == {
        "changed": [{"id": ids[0], "status": "Canceled"}]
    }
    changed = control("step", {"step": "order", "ids": ids[:2]})["changed"]
    assert [one["id"] for one in changed] == [ids[1]]
    assert len(control("step", {"step": "pay", "all": True})["changed"]) == 3
    assert control("step", {"step": "pay", "all": True}) == {"changed": []}


@pytest.mark.parametrize(
    ("name", "body", "problem"),
    [
        ("step", {"step": "steal", "all": True}, "step must be one of begin"),
        ("step", [], "step must be one of"),
        ("step", {"step": "pay"}, "not there"),
        ("step", {"step": "pay", "id": "x"}, "not there"),
        ("step", {"step": "pay", "ids": []}, "choose by"),
        ("step", {"step": "pay", "aisPaymentId": "x"}, "choose by"),
        ("again", {"ids": ["x"]}, "not there"),
        ("seed", {}, "count must be"),
        ("seed", {"count": 0}, "count must be"),
        ("seed", {"count": True}, "count must be"),
        ("seed", {"count": 1, "clientId": "nobody"}, "no client"),
        ("seed", {"count": 1, "notificationUrl": 5}, "are texts"),
        ("seed", {"count": 1, "url": ""}, "unknown: url"),
        ("clients", {"clientId": "nobody", "active": True}, "give clientId"),
        ("clients", {"clientId": "sandbox-hospital", "active": 1}, "give clientId"),
        ("clients", ["sandbox-hospital"], "give clientId"),
        ("settings", {"currencies": "EUR"}, "currencies must be a list of texts, or null"),
        ("settings", {"amounts": "any"}, "amounts must be one of specification, code"),
        ("settings", {"message_key": None, "colour": 1}, "unknown setting 'colour'; message_key must be"),
        ("settings", {"obligation_types": {"1": 3}}, "obligation_types must be"),
        ("settings", [], "give an object"),
        ("callbacks", {"concurrency": 0}, "concurrency must be a whole number from 1"),
        ("callbacks", {"time_scale": -1}, "time_scale must be a number from 0"),
        ("callbacks", {"variant": {"hmac": "good"}}, "hmac must be one of"),
        ("callbacks", {"beside": {}}, "beside must be a list"),
        ("callbacks", {"beside": [{"padding_bytes": 0.5}]}, "padding_bytes must be"),
        ("callbacks", [], "give an object"),
    ],
)
def test_what_control_refuses(call, name, body, problem):
    before = call.api.ledger(), call.api.control("settings", {}), call.api.control("callbacks", {})
    with pytest.raises(InvalidControl, match=problem):
        call.api.control(name, body)
    assert (call.api.ledger(), call.api.control("settings", {}), call.api.control("callbacks", {})) == before


def test_there_is_no_other_control(call):
    assert call.api.control("documents", {}) is None


def test_seeded_requests_are_like_others(call):
    made = call.api.control("seed", {"count": 3, "prefix": "many-", "notificationUrl": "http://x/"})["ids"]
    assert [one["aisPaymentId"] for one in call.ledger()] == ["many-1", "many-2", "many-3"]
    assert call.status_of(made[0]) == "pending"
    call.api.control("step", {"step": "pay", "ids": made})
    assert len(call.ledger("callbacks")) == 3


def test_callbacks_once_more_are_those_of_before(call):
    (identifier,) = call.api.control("seed", {"count": 1, "notificationUrl": "http://x/"})["ids"]
    for step in ("order", "pay"):
        call.wait(seconds=1)
        call.api.control("step", {"step": step, "id": identifier})
    assert call.api.control("again", {"id": identifier}) == {"callbacks": 2}
    assert [one["status"] for one in call.ledger("callbacks")] == ["Ordered", "Paid", "Ordered", "Paid"]
    first, second, third, fourth = call.api.outbox.notifications
    assert (first.content, second.content) == (third.content, fourth.content)


def test_settings_are_shown_and_a_reset_takes_everything_back(call):
    start = call.api.control("settings", {}), call.api.control("callbacks", {})
    assert start[0]["currencies"] == ("EUR",)
    assert start[1]["variant"] == {}
    call.api.control(
        "settings", {"currencies": ["BGN"], "client_certificate": True, "obligation_types": {"1": 2}}
    )
    shown = call.api.control("callbacks", {"beside": [{}, {"hmac": "none"}], "variant": {"tampered": True}})
    assert shown["beside"] == [{}, {"hmac": "none"}]
    assert shown["variant"] == {"tampered": True}
    call.api.control("clients", {"clientId": "sandbox-hospital", "active": False})
    call.api.reset()
    assert (call.api.control("settings", {}), call.api.control("callbacks", {})) == start
    assert all(one["active"] for one in call.api.control("clients", {})["clients"])
    assert call.register() == "2612011"


def test_the_ledger_counts_what_was_performed_and_names_no_person(call):
    identifier = call.register()
    call.errors(currency=None)
    call("paymentsStatus", {"requestIds": [identifier]})
    ledger = call.api.ledger()
    assert ledger["performed"] == {"paymentJson": 2, "paymentsStatus": 1}
    assert "5523056031" not in str(ledger)
    assert "Иванова" not in str(ledger)
