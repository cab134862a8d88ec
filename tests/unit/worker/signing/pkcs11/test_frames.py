"""Frames on the pipes: what is written is read again, and nothing that is broken passes."""

from __future__ import annotations

import io
import json

import pytest

from worker.signing.pkcs11.frames import HEAD, MAX_BYTES, BrokenFrame, length_of, packed, read, sizes_of, wipe


@pytest.mark.parametrize("blobs", [[], [b""], [b"\x00\xff" * 500, b"x"]])
def test_a_frame_is_read_as_it_was_written(blobs):
    stream = io.BytesIO(packed({"act": "sign", "key": 3}, blobs) + packed({"act": "next"}))

    assert read(stream) == ({"act": "sign", "key": 3}, blobs)
    assert read(stream) == ({"act": "next"}, [])
    assert read(stream) is None


def test_a_secret_is_never_part_of_the_text():
    frame = packed({"act": "open"}, [b"4711"])
    text = frame[HEAD.size : HEAD.size + length_of(bytes(frame[: HEAD.size]))]

    assert json.loads(text) == {"act": "open", "sizes": [4]}


def test_what_is_read_can_be_wiped():
    _, (pin,) = read(io.BytesIO(packed({}, [b"4711"])))
    wipe(pin)

    assert pin == bytearray(4)


@pytest.mark.parametrize("end", [1, 3, 6, 20, 30])
def test_an_end_within_a_frame_is_noticed(end):
    frame = packed({"act": "sign"}, [b"0123456789"])

    with pytest.raises(BrokenFrame):
        read(io.BytesIO(frame[: min(end, len(frame) - 1)]))


@pytest.mark.parametrize(
    "text",
    [b"no json", b"[]", b'{"act": "x"}', b'{"sizes": [-1]}', b'{"sizes": ["a"]}', b'{"sizes": [99999999]}'],
)
def test_a_malformed_text_is_refused(text):
    with pytest.raises(BrokenFrame):
        sizes_of(text)


def test_a_length_beyond_the_limit_is_refused():
    with pytest.raises(BrokenFrame):
        length_of(HEAD.pack(MAX_BYTES + 1))
