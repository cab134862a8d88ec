"""Whatever bytes come, to whichever address: an answer, never an exception."""

from __future__ import annotations

import base64
import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from tests.support.systems.kz_shep.client import posted, search, signed

ADDRESSES = {"/bip-sync-wss-gost/": "text/xml", "/wsse/sign": "application/json"}
MANY = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
TEXTS = st.text(max_size=30)


def check(shep, body, path):
    request = posted(body, path=path, content_type=ADDRESSES[path])
    assert set(shep.traits_of(request)) == set(shep.traits)
    answer = shep.answer(request)
    assert 200 <= answer.status <= 599
    for each in (answer, shep.altered(request, answer), shep.failed(500, request)):
        if each.content_type == "text/xml":
            etree.fromstring(each.body)
        else:
            json.loads(each.body)
    json.dumps(shep.ledger())


@pytest.mark.parametrize("path", ADDRESSES)
@MANY
@given(body=st.binary(max_size=200))
def test_arbitrary_bytes(shep, path, body):
    check(shep, body, path)


@pytest.fixture(scope="session")
def good(client):
    return signed(search(iin="550310201040"), client)


@MANY
@given(data=st.data())
def test_a_good_message_with_bytes_changed(shep, good, data):
    at = data.draw(st.integers(0, len(good)))
    length = data.draw(st.integers(0, 20))
    check(shep, good[:at] + data.draw(st.binary(max_size=20)) + good[at + length :], "/bip-sync-wss-gost/")


@MANY
@given(data=st.data())
def test_a_good_message_with_a_text_or_attribute_changed(shep, good, data):
    root = etree.fromstring(good)
    element = data.draw(st.sampled_from(list(root.iter(etree.Element))))
    names = [None, *element.attrib]
    name = data.draw(st.sampled_from(names))
    value = data.draw(
        st.text(
            st.characters(codec="utf-8", min_codepoint=32, exclude_characters="\ufffe\uffff"), max_size=20
        )
    )
    if name is None:
        element.text = value
    else:
        element.set(name, value)
    check(shep, etree.tostring(root), "/bip-sync-wss-gost/")


VALUES = st.one_of(st.none(), st.booleans(), st.integers(), TEXTS, st.lists(TEXTS, max_size=2))
SHAPES = st.fixed_dictionaries(
    {}, optional=dict.fromkeys(("xml", "key", "password", "keyAlias", "trimXml"), VALUES)
)


@MANY
@given(request=st.one_of(SHAPES, VALUES))
def test_requests_to_sign_of_any_shape(shep, request):
    check(shep, json.dumps(request).encode(), "/wsse/sign")


@MANY
@given(xml=st.one_of(TEXTS, st.sampled_from([search(), "<a/>"])), key=st.binary(max_size=60), password=TEXTS)
def test_requests_to_sign_with_any_key(shep, xml, key, password):
    request = {"xml": xml, "key": base64.b64encode(b"\x30" + key).decode(), "password": password}
    check(shep, json.dumps(request).encode(), "/wsse/sign")
