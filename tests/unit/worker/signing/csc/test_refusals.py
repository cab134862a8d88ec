import pytest

from worker.signing.csc.refusals import Cause, leaves_open, problem
from worker.signing.remote.exchange import Reply

SECRET_WORD = "hidden-pin-73"


def stated(code="invalid_request", text="", status=400):
    return Reply(status, {"error": code, "error_description": f"{text} {SECRET_WORD}"})


SIGN, AUTHORIZE = "signatures/signHash", "credentials/authorize"
CASES = {
    "SAD expired": (SIGN, stated(text="SAD expired"), Cause.SAD),
    "SAD unknown": (SIGN, stated(text="Invalid parameter SAD"), Cause.SAD),
    "hash not covered": (SIGN, stated(text="Hash is not authorized by the SAD"), Cause.SAD),
    "too many": (SIGN, stated(text="Numbers of signatures is too high"), Cause.SAD),
    "SAD expired, by another code": (SIGN, stated("expired_token", "SAD expired"), Cause.SAD),
    "message alone": (SIGN, Reply(400, {"message": "SAD expired"}), Cause.SAD),
    "locked": (AUTHORIZE, stated(text="Credential locked"), Cause.SECRET),
    "PIN locked": (AUTHORIZE, stated(text="PIN locked"), Cause.SECRET),
    "wrong PIN, version 1": (AUTHORIZE, stated("invalid_pin", "Invalid PIN"), Cause.SECRET),
    "wrong PIN, version 2": (AUTHORIZE, stated("invalid_authentication_data"), Cause.SECRET),
    "wrong PIN, as 500": (AUTHORIZE, stated("invalid_pin", status=500), Cause.SECRET),
    "certificate expired": (
        SIGN,
        stated(text="Signing certificate 'O=[org],CN=[cn]' is expired"),
        Cause.BLOCKED,
    ),
    "disabled": (SIGN, stated(text="The credential 'c' is disabled"), Cause.BLOCKED),
    "token": (SIGN, stated("invalid_token", status=401), Cause.TOKEN),
    "token expired": (SIGN, stated("expired_token"), Cause.TOKEN),
    "401 without words": (SIGN, Reply(401, {}), Cause.TOKEN),
    "pending": (
        "signatures/signPolling",
        stated(text="A previous asynchronous signature request is in progress"),
        Cause.PENDING,
    ),
    "429": (SIGN, Reply(429, {}), Cause.PASSING),
    "500": (SIGN, stated("server_error", status=500), Cause.PASSING),
    "501": (SIGN, Reply(501, {}), Cause.PASSING),
    "503": (SIGN, Reply(503, {}), Cause.PASSING),
    "unavailable": (SIGN, stated("temporarily_unavailable"), Cause.PASSING),
    "denied": (SIGN, stated("access_denied", status=403), Cause.BLOCKED),
    "unknown": (SIGN, stated(text="Something else"), Cause.BLOCKED),
    "not JSON": (SIGN, Reply(404, {}), Cause.BLOCKED),
    "redirected": (SIGN, Reply(302, {}), Cause.BLOCKED),
    "a client that is refused": ("info", Reply(401, {}), Cause.BLOCKED),
    "a login that is refused": ("auth/login", Reply(401, {}), Cause.BLOCKED),
}


@pytest.mark.parametrize(("method", "reply", "cause"), CASES.values(), ids=CASES)
def test_what_is_done_about_an_error(method, reply, cause):
    found = problem(method, reply)
    assert found.cause is cause
    assert SECRET_WORD not in found.sentence
    assert "O=[org]" not in found.sentence


@pytest.mark.parametrize(
    ("reply", "cause"),
    [
        (stated(text="Something else"), Cause.SECRET),
        (Reply(400, {}), Cause.SECRET),
        (Reply(403, {}), Cause.SECRET),
        (stated(text="Numbers of signatures is too high"), Cause.SAD),
        (stated(text="The credential 'c' is disabled"), Cause.BLOCKED),
        (Reply(401, {}), Cause.SECRET),
        (stated("invalid_token", status=401), Cause.TOKEN),
        (Reply(429, {}), Cause.PASSING),
        (Reply(503, {}), Cause.PASSING),
    ],
)
def test_an_error_about_a_pin_that_is_not_understood_counts_as_a_wrong_one(reply, cause):
    assert problem(AUTHORIZE, reply, with_secret=True).cause is cause


@pytest.mark.parametrize(
    ("reply", "leaves"),
    [
        (Reply(500, {}), True),
        (Reply(502, {}), True),
        (Reply(503, {}), True),
        (Reply(504, {}), True),
        (stated("server_error", status=500), True),
        (stated("temporarily_unavailable", status=503), False),
        (Reply(408, {}), False),
        (Reply(425, {}), False),
        (Reply(429, {}), False),
        (Reply(400, {}), False),
    ],
)
def test_which_errors_do_not_say_what_became_of_a_secret(reply, leaves):
    assert leaves_open(reply) is leaves


def test_a_code_that_is_not_the_specifications_is_not_repeated():
    assert SECRET_WORD not in problem(SIGN, stated(SECRET_WORD)).sentence
    assert "access_denied" in problem(SIGN, stated("access_denied", status=403)).sentence
