"""Which links of an answer are followed: only HTTPS to the hosts of the settings."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.systems.ssev.links import is_allowed

HOSTS = ("blobs.test", "other.test:8443")


@pytest.mark.parametrize(
    "link",
    [
        "https://blobs.test/message?t=a_b-c",
        "https://blobs.test:443/message?t=1",
        "https://BLOBS.test/message",
        "https://other.test:8443/x",
    ],
)
def test_links_to_the_hosts_are_followed(link):
    assert is_allowed(link, HOSTS)


@pytest.mark.parametrize(
    "link",
    [
        "",
        "http://blobs.test/message",
        "https://blobs.test:8443/message",
        "https://other.test/x",
        "https://other.test:443/x",
        "https://blobs.test.evil.test/",
        "https://evil.test/blobs.test",
        "https://blobs.test@evil.test/",
        "https://user:secret@blobs.test/",
        "https://evil.test\\@blobs.test/",
        "https://127.0.0.1/",
        "https://[::1]/",
        "https://[::1",
        "https://blobs.test:x/",
        "https://blobs.test:99999/",
        "//blobs.test/",
        "file:///etc/passwd",
        "https://блоб.test/",
        "https://blobs.test/a b",
        "https://blobs.test/\n",
        "https://blobs.test/" + "a" * 5000,
    ],
    ids=range(21),
)
def test_no_other_link_is_followed(link):
    assert not is_allowed(link, HOSTS)


@given(st.text())
def test_no_text_raises(link):
    assert not is_allowed(link, ())
