"""Whatever bytes come, to whichever endpoint: an answer, never an exception."""

from __future__ import annotations

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from tests.support.systems.regix.envelopes import ASYNCHRONOUS, execute, question, soap11, soap12

MANY = settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
BODIES = {
    "Execute": execute(sign="true", matrix="true"),
    "CheckResult": question("CheckResult", 1, "1.x"),
    "AcknowledgeResultReceived": question("AcknowledgeResultReceived", 1, "1.x"),
}
TEXTS = st.text(
    st.characters(codec="utf-8", min_codepoint=32, exclude_characters="\ufffe\uffff"), max_size=20
)


def check(world, content, operation, version):
    request = world.request(content, operation, version=version)
    assert set(world.regix.traits_of(request)) == set(world.regix.traits)
    answer = world.regix.answer(request)
    assert answer.status in {200, 400, 500}
    for each in (answer, world.regix.altered(request, answer), world.regix.failed(500, request)):
        if each.status != 400:
            etree.fromstring(each.body)
    json.dumps(world.regix.ledger())


@pytest.mark.parametrize("version", ["1.1", "1.2"])
@MANY
@given(content=st.binary(max_size=200))
def test_arbitrary_bytes(world, version, content):
    check(world, content, "Execute", version)


@pytest.mark.parametrize("operation", BODIES)
@pytest.mark.parametrize("version", ["1.1", "1.2"])
@MANY
@given(data=st.data())
def test_a_good_message_with_bytes_changed(world, version, operation, data):
    world.execute(processing=ASYNCHRONOUS)
    good = soap11(BODIES[operation]) if version == "1.1" else soap12(BODIES[operation], operation)
    at = data.draw(st.integers(0, len(good)))
    length = data.draw(st.integers(0, 20))
    changed = good[:at] + data.draw(st.binary(max_size=20)) + good[at + length :]
    check(world, changed, operation, version)


@pytest.mark.parametrize("operation", BODIES)
@MANY
@given(data=st.data())
def test_a_good_message_with_a_text_or_name_changed(world, operation, data):
    root = etree.fromstring(soap11(BODIES[operation]))
    element = data.draw(st.sampled_from(list(root.iter(etree.Element))[2:]))
    if data.draw(st.booleans()):
        element.text = data.draw(TEXTS)
    else:
        element.tag = data.draw(st.sampled_from(["x", "{urn:x}x", element.tag.rpartition("}")[2]]))
    check(world, etree.tostring(root), operation, "1.1")
