"""Whatever bytes and names a message has, reading it raises nothing and what it returns is publishable."""

from __future__ import annotations

import json

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from contracts import notifications
from contracts.attributes import MAX_RNU
from tests.support.systems.eforms.messages import FIELD, REQUEST, TEMPLATE, message, xml_file
from worker.systems.eforms.notice import EVENT_TYPE

SHARED = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
CONTENT = REQUEST.encode()
NAMES = sorted({str(one.tag) for one in etree.fromstring(CONTENT).iter("*")})
TEXTS = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0"), max_size=20).filter(
    str.isprintable
)


def published(notice) -> None:
    """Check that a notice passes its contract, and is JSON."""
    notifications.validate("eforms", EVENT_TYPE, json.loads(json.dumps(notice.data, allow_nan=False)))
    assert notice.rnu is None or 0 < len(notice.rnu) <= MAX_RNU


@given(content=st.binary(max_size=400) | st.binary(max_size=60).map(lambda some: b"<ServiceRequest>" + some))
@SHARED
def test_any_file(reader, content):
    published(reader.notice_of(message(xml_file("request.xml", content), template_id=TEMPLATE)))


@given(
    text=st.text(max_size=300) | TEXTS.map(lambda some: f"<ServiceRequest>{some}"),
    rnu=st.none() | st.text(max_size=70),
)
@SHARED
def test_any_field(reader, text, rnu):
    published(reader.notice_of(message(fields={FIELD: text}, template_id=TEMPLATE, rnu=rnu)))


@st.composite
def damaged(draw) -> bytes:
    """The request with some bytes cut out, doubled or replaced."""
    content = bytearray(CONTENT)
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(content) - 1))
        end = draw(st.integers(start, min(len(content), start + 200)))
        content[start:end] = draw(
            st.one_of(st.binary(max_size=8), st.just(bytes(content[start:end]) * 2), st.just(b""))
        )
    return bytes(content)


@given(content=damaged())
@SHARED
def test_a_damaged_request(reader, content):
    published(reader.notice_of(message(xml_file("request.xml", content), template_id=TEMPLATE)))


def tree(names: st.SearchStrategy[str]) -> st.SearchStrategy[etree._Element]:
    """Elements of the request's own names, nested in any way."""

    def element(name: str, text: str, inner: list[etree._Element]) -> etree._Element:
        made = etree.Element(name)
        made.text = text
        made.extend(inner)
        return made

    leaves = st.builds(element, names, TEXTS, st.just([]))
    return st.recursive(
        leaves, lambda inner: st.builds(element, names, TEXTS, st.lists(inner, max_size=4)), max_leaves=25
    )


@given(inner=st.lists(tree(st.sampled_from(NAMES)), max_size=6))
@SHARED
def test_any_nesting_of_the_requests_own_names(reader, inner):
    root = etree.Element("ServiceRequest")
    root.extend(inner)
    content = etree.tostring(root, encoding="UTF-8")

    notice = reader.notice_of(message(xml_file("request.xml", content)))

    published(notice)
    assert "request" in notice.data
