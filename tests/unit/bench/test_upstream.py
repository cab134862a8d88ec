"""The benchmark's stand-in of NHIS gives the answers that a worker accepts."""

from __future__ import annotations

import pytest

from tests.bench.contest.upstream import answer, content_length, value_of

I001 = b'<a:message><a:header><a:messageId value="m-1"/></a:header><a:lrn value="l-1"/></a:message>'


def test_a_registration_is_answered_with_its_own_id_and_lrn():
    head, _, body = answer(b"POST /issue HTTP/1.1\r\nHost: x", I001).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 OK\r\n")
    assert content_length(head) == len(body)
    assert (value_of(b"messageId", body), value_of(b"messageType", body)) == (b"m-1", b"I002")
    assert (value_of(b"lrn", body), len(value_of(b"nrnImmunization", body))) == (b"l-1", 12)


@pytest.mark.parametrize(
    ("request_line", "status", "element"),
    [
        (b"GET /token HTTP/1.1", b"401", b"challenge"),
        (b"POST /token HTTP/1.1", b"200", b"accessToken"),
        (b"GET / HTTP/1.1", b"200", None),
    ],
    ids=["challenge", "token", "probe"],
)
def test_a_token_costs_a_challenge_and_a_probe_nothing(request_line, status, element):
    head, _, body = answer(request_line, b"").partition(b"\r\n\r\n")
    assert head.split()[1] == status
    assert bool(value_of(element, body)) if element else not body


def test_what_a_message_lacks_is_left_empty():
    assert value_of(b"lrn", b"<message/>") == b""
    assert content_length(b"GET / HTTP/1.1\r\nHost: x") == 0
