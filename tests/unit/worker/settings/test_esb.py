"""The section of the ESB among the others: names that must be signers, and what systems get of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from worker.changing_files import files_before
from worker.clock import SystemClock
from worker.composition.runner import _longest_request
from worker.composition.systems import build_systems
from worker.configuration_error import ConfigurationError
from worker.settings.load import load
from worker.settings.problems import BadConfiguration


@pytest.fixture
def section(document):
    document["esb"] = {"acting": {"dr-a": {"default": {"oid": "2.16.100.1"}}}}
    return document["esb"]


def test_who_acts_must_be_a_signer(write, document, section):
    section["acting"]["nobody"] = {"default": {"oid": "2.16.100.1"}}
    section["client_ids"] = {"no-one": "x", "dr-a": "y"}
    with pytest.raises(BadConfiguration) as refused:
        load(write(document), {})
    assert {one.path: one.message for one in refused.value.problems} == {
        "esb.acting.nobody": "`signers` has no such name",
        "esb.client_ids.no-one": "`signers` has no such name",
    }


def test_a_sender_of_epayment_over_it_must_be_a_signer_too(write, document, section):
    document["systems"]["epayment"] = {"access": "esb", "senders": {"nobody": {"service_cid": "c"}}}
    with pytest.raises(BadConfiguration) as refused:
        load(write(document), {})
    assert [one.path for one in refused.value.problems] == ["systems.epayment.senders.nobody"]


def test_its_files_are_looked_at_before_they_are_loaded(write, document, section):
    Path("ca.pem").write_text("x")
    section["transport"] = {"ca_file": "ca.pem"}
    assert Path("ca.pem") in files_before(load(write(document), {})).stamps


def test_a_request_may_take_as_long_as_the_longer_of_both_transports(write, document, section):
    section["transport"] = {"total_timeout": 3000}
    assert _longest_request(load(write(document), {}), "nhis") == 3000


def test_without_the_section_a_system_that_needs_it_is_refused_at_the_start(write, document):
    document["systems"] = {"epayment": {"access": "esb", "senders": {"dr-a": {"service_cid": "c"}}}}
    with pytest.raises(ConfigurationError) as refused:
        build_systems(load(write(document), {}), SystemClock())
    assert any("add the section esb" in one for one in refused.value.problems)
