"""Requests of events, as the system makes them before it sends."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from contracts.reasons import Reason
from contracts.visible_text import is_visible
from tests.support.contract_events import submission
from worker.systems.nhif.request import document_of, request_of
from worker.systems.port import Refused

READ, SUBMIT = "nhif.service.read.v1", "nhif.document.submit.v1"
any_time = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def asked(service, **data):
    return submission(
        READ if "parameters" in data else SUBMIT, {"module": "m", "version": "v1", "service": service, **data}
    ).data


def checked(catalogue, service, **data):
    """Do what the system does before it sends, without its thread."""
    event = asked(service, **data)
    request = request_of(catalogue, event)
    if found := document_of(request.service, event):
        schema, document = found
        problems = schema.problems(document)
        assert schema.quick_problems(document) in (None, problems)
        if problems:
            raise Refused(Reason.SCHEMA_VIOLATION, problems)
    return request


def refused(catalogue, service, **data):
    with pytest.raises(Refused) as refusal:
        checked(catalogue, service, **data)
    problems = refusal.value.problems
    assert all(one.message.endswith(".") for one in problems)
    assert len(set(problems)) == len(problems) > 0
    return refusal.value.reason, [(one.path.removeprefix("$.data."), one.rule) for one in problems]


TEXT = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cn", "Cs")), min_size=1, max_size=20
).filter(is_visible)
