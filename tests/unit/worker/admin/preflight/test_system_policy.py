"""What is wrong with a system's host and with logins."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from contracts.reasons import Reason
from worker.admin.preflight import system_policy as policy
from worker.admin.preflight.findings import Verdict
from worker.outcome import Blocked, Retry
from worker.transport.port import Answer, DeliveryError, Handshake

NOW = datetime(2026, 3, 1, tzinfo=UTC)
DAY = timedelta(days=1)
OK, WARN, FAIL, SKIPPED = Verdict.OK, Verdict.WARN, Verdict.FAIL, Verdict.SKIPPED


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("dns-failure", "name servers"),
        ("connection-refused", "firewall"),
        ("connect-timeout", "firewall"),
        ("tls-failure", "ca_file"),
        ("answer-timeout", "operators"),
        ("answer-broken", "operators"),
    ],
)
def test_each_failure_has_its_next_step(reason, words):
    found = policy.unreachable(DeliveryError(reason, "h:443: told", sent=False), "s")
    assert (found.verdict, found.detail, words in str(found.next_step)) == (FAIL, "h:443: told", True)


@pytest.mark.parametrize(
    ("sent", "shows", "accused"), [(True, True, True), (True, False, False), (False, True, False)]
)
def test_a_client_certificate_is_suspected_only_where_one_was_shown_and_the_request_left(
    sent, shows, accused
):
    error = DeliveryError("connection-lost", "told", sent=sent)
    found = policy.unreachable(error, "s", shows_certificate=shows)
    assert ("signer's certificate" in str(found.next_step)) == accused


@pytest.mark.parametrize(
    ("shown", "verdicts"),
    [
        (Handshake("h:443", "TLSv1.3", NOW + 90 * DAY), (OK, OK)),
        (Handshake("h:443", "TLSv1.2", NOW + 14 * DAY), (OK, WARN)),
        (Handshake("h:443", "TLSv1.3", None), (OK, SKIPPED)),
        (Handshake("h:80"), (WARN, SKIPPED)),
    ],
)
def test_handshakes(shown, verdicts):
    found = policy.encryption(shown, "s"), policy.certificate(shown, NOW, "s")
    assert tuple(one.verdict for one in found) == verdicts


@pytest.mark.parametrize(
    ("status", "verdict"), [(200, OK), (401, OK), (404, OK), (500, OK), (502, WARN), (503, WARN), (504, WARN)]
)
def test_answers(status, verdict):
    assert policy.answer(Answer(status, {}, b""), "s").verdict == verdict


@pytest.mark.parametrize(
    ("why", "verdict", "words"),
    [
        (None, OK, "dropped"),
        (Blocked(Reason.ACCESS_DENIED, "refused"), FAIL, "refused"),
        (Retry(Reason.TOKEN_UNAVAILABLE, "away"), FAIL, "away"),
    ],
)
def test_logins(why, verdict, words):
    found = policy.login(why, "s")
    assert (found.verdict, words in found.detail) == (verdict, True)


@pytest.mark.parametrize(("days", "verdict"), [(90, OK), (61, WARN), (-1, WARN)])
def test_pinned_certificates(days, verdict):
    assert policy.trusted(NOW + days * DAY, NOW, "c").verdict == verdict
