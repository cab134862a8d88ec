"""Wrong settings of traces are refused with a sentence; a missing package is named."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from worker.configuration_error import ConfigurationError
from worker.observability.settings import TracingSettings
from worker.observability.tracing import building

HTTPS = "https://collector.example:4318"


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"enabled": True}, "endpoint is required where enabled is true"),
        ({"endpoint": "https://me:secret@c.example"}, "endpoint must hold no name and password: use headers"),
        ({"endpoint": "https://c.example/?a=b"}, "endpoint must have no query and no fragment"),
        (
            {"endpoint": "http://c.example", "headers": {"authorization": {"file": "/f"}}},
            "headers are secrets: they need an endpoint with https",
        ),
        ({"endpoint": "http://c.example", "ca_file": "/f"}, "ca_file is not used by an endpoint with http"),
        ({"endpoint": HTTPS, "headers": {"a b": {"file": "/f"}}}, "the name of an HTTP header"),
        ({"endpoint": "ftp://c.example"}, "URL scheme should be 'http' or 'https'"),
        ({"sample_ratio": 1.1}, "less than or equal to 1"),
        ({"timeout": 0}, "greater than 0"),
    ],
)
def test_a_wrong_setting_is_refused(given, sentence):
    with pytest.raises(ValidationError) as refused:
        TracingSettings.model_validate(given)
    assert sentence in str(refused.value)
    assert "secret@" not in str(refused.value)


@pytest.mark.parametrize(
    ("given", "address"),
    [
        ("https://c.example:4318", "https://c.example:4318/v1/traces"),
        ("https://c.example/", "https://c.example/v1/traces"),
        ("https://c.example/otlp/v1/traces", "https://c.example/otlp/v1/traces"),
    ],
)
def test_an_address_without_a_path_gets_the_usual_one(given, address):
    assert building._address(TracingSettings(endpoint=given)) == address  # type: ignore[arg-type]


def test_traces_are_off_and_then_nothing_is_needed(monkeypatch):
    monkeypatch.setattr(building, "find_spec", lambda _: None)
    assert building.build_tracing(TracingSettings(), "me") is None


@pytest.mark.parametrize("missing", [None, ModuleNotFoundError])
def test_a_missing_package_is_named_with_what_to_do(monkeypatch, missing):
    def find(_: str) -> None:
        if missing:
            raise missing

    monkeypatch.setattr(building, "find_spec", find)
    with pytest.raises(ConfigurationError) as refused:
        building.build_tracing(TracingSettings(enabled=True, endpoint=HTTPS), "me")  # type: ignore[arg-type]
    (problem,) = refused.value.problems
    assert problem == (
        "tracing.enabled: this installation lacks OpenTelemetry; install herald-worker[tracing], or an image with it"
        " (LOCK=tracing), or set it to false"
    )


def test_files_that_cannot_be_used_are_named_all_at_once(tmp_path: Path):
    two_lines, no_pem = tmp_path / "two", tmp_path / "no-pem"
    two_lines.write_text("a\nb")
    no_pem.write_text("nothing")
    given = {
        "enabled": True, "endpoint": HTTPS, "ca_file": str(no_pem),
        "headers": {"authorization": {"file": str(two_lines)}, "x-absent": {"file": str(tmp_path / "absent")}},
    }  # fmt: skip
    with pytest.raises(ConfigurationError) as refused:
        building.check_tracing(TracingSettings.model_validate(given))
    assert list(refused.value.problems) == [
        "tracing.headers.authorization: the file must hold one line of ASCII characters",
        f"tracing.headers.x-absent: the file {tmp_path / 'absent'} cannot be read: No such file or directory",
        f"tracing.ca_file: {no_pem} holds no certificates in PEM",
    ]
