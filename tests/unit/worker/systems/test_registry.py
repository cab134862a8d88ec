"""The table of systems: what is configured is built, and what cannot be is told by its setting."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime

import pytest

from worker.configuration_error import ConfigurationError
from worker.settings.systems import SystemsSettings
from worker.systems.dependencies import Dependencies
from worker.systems.port import Recovery
from worker.systems.registry import build_system, operations_of

DEPENDENCIES = Dependencies(
    keys={}, documents={}, code_lists={}, now=lambda: datetime.now(UTC), monotonic=lambda: 0.0
)
SHEP = {"url": "https://shep.test/", "senders": {"one": {"sender_id": "m"}}, "verify_answers": False}


def test_a_system_whose_name_has_a_hyphen_is_built_and_has_rules():
    settings = SystemsSettings.model_validate({"kz_shep": SHEP})
    assert build_system("kz-shep", settings.of("kz-shep"), DEPENDENCIES).name == "kz-shep"
    assert (
        operations_of(settings.sections())["kz-shep", "medical-exemption.search"].recovery is Recovery.REPEAT
    )


def test_what_cannot_be_built_is_reported_by_its_setting(tmp_path):
    client = {"username": "software", "password_file": tmp_path / "absent"}
    settings = SystemsSettings.model_validate({"erx": {"client": client}})
    with pytest.raises(
        ConfigurationError, match=r"^systems\.erx: client: the password file .* cannot be read"
    ):
        build_system("erx", settings.of("erx"), DEPENDENCIES)


SENDERS = {"nhis": {"one": {"uin": "2300000001"}, "two": {"uin": "2300000002"}}, "nhif": ["one", "two"]}


@pytest.mark.parametrize("system", SENDERS)
def test_a_sender_that_signs_only_documents_is_reported_where_a_key_is_needed(system):
    settings = SystemsSettings.model_validate({system: {"senders": SENDERS[system]}})
    dependencies = dataclasses.replace(DEPENDENCIES, documents={"one": object(), "two": object()})
    why = "an NCANode signer signs only whole SOAP documents; this system needs a key"
    with pytest.raises(
        ConfigurationError,
        match=rf"^systems\.{system}: senders\.one: {why}; systems\.{system}: senders\.two: {why}$",
    ):
        build_system(system, settings.of(system), dependencies)


def test_what_is_not_configured_is_not_built():
    with pytest.raises(ConfigurationError, match=r"^systems\.nhis: "):
        build_system("nhis", SystemsSettings.model_validate({"kz_shep": SHEP}).of("nhis"), DEPENDENCIES)
