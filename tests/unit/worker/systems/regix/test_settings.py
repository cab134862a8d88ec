"""The settings: what is refused, and what is told of it."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from worker.systems.regix.errors import Kind, kind_of_error
from worker.systems.regix.settings import MAX_BYTES, RegixSettings


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"url": "http://regix.test/"}, "URL scheme should be 'https'"),
        ({"url": "https://user:x@regix.test/"}, "neither user, password"),
        ({"url": "https://regix.test/?a=b"}, "neither user, password"),
        ({"callback_secret_file": "x", "callback_url": "https://herald.test/#x"}, "neither user, password"),
        ({"callback_url": "http://herald.test/"}, "URL scheme should be 'https'"),
        ({"soap": "1.2"}, "the address /basic takes SOAP 1.1"),
        ({"soap": "1.0"}, "Input should be '1.1' or '1.2'"),
        ({"operations": {"a b": {"operation": "A.B"}}}, "at most 128 letters"),
        ({"operations": {"A": {"operation": "B"}}}, "joined by dots"),
        ({"operations": {"A": {"operation": "A.<B>"}}}, "joined by dots"),
        ({"callback_url": "https://herald.test/"}, "give both callback_url and callback_secret_file"),
        ({"callback_secret_file": "x"}, "give both callback_url and callback_secret_file"),
        ({"callback_answer": "perhaps"}, "Input should be 'fault' or 'success'"),
        ({"register_errors": [{"says": "(", "means": "retry"}]}, "valid regular expression"),
        ({"register_errors": [{"says": "x", "means": "perhaps"}]}, "rejected"),
        ({"transport": {"max_answer_bytes": MAX_BYTES + 1}}, "less than or equal"),
        ({"time_zone": "Sofia"}, "no such time zone"),
        ({"unknown": 1}, "Extra inputs"),
    ],
)
def test_what_is_refused(given, told):
    with pytest.raises(ValidationError, match=told):
        RegixSettings.model_validate(given)


def test_the_defaults_are_those_of_the_test_environment():
    settings = RegixSettings()

    assert str(settings.url) == "https://service-regix-test.egov.bg/RegiXEntryPointV2.svc/basic"
    assert settings.transport.max_answer_bytes == 26214400
    # A setting beside it does not change the limit.
    assert (
        RegixSettings.model_validate({"transport": {"total_timeout": 120}}).transport.max_answer_bytes
        == MAX_BYTES
    )
    assert settings.callback_url is None


@pytest.mark.parametrize(
    ("sentence", "kind"),
    [
        ("Error occurred! The operation has timed out", Kind.RETRY),
        ("Timeout expired.", Kind.RETRY),
        ("Unable to connect to the remote server", Kind.RETRY),
        ("An existing connection was forcibly closed by the remote host", Kind.RETRY),
        ("Регистърът временно не е достъпен", Kind.RETRY),
        ("There was no endpoint listening at x that could accept the message", Kind.RETRY),
        ("Липсва лице с такъв идентификатор", Kind.REJECTED),
        ("access denied!", Kind.ACCESS_DENIED),
        ("The register says: Access denied!", Kind.REJECTED),
        ("Service is disabled!", Kind.DISABLED),
        (None, Kind.REJECTED),
        ("", Kind.REJECTED),
        ("x" * 100_000 + "timed out", Kind.REJECTED),
    ],
)
def test_what_an_error_means_by_default(sentence, kind):
    assert kind_of_error(sentence, RegixSettings().register_errors, by_register=False) is kind
