"""What is left out of a large reply becomes files: decoded where it is base64, the rest as JSON, and nothing twice."""

from __future__ import annotations

import base64
import json
from dataclasses import replace

import pytest

from tests.support.files.stores import OWNER
from worker.pipeline.left_out import LEAST_BULK, MOST_FILES, bulk_of, referred_ids, without_bulk

PDF = b"%PDF-1.4 invented" + bytes(range(256)) * 20 + b"%%EOF"
TEXT = base64.b64encode(PDF).decode()
NHIS = frozenset({"content", "others.*.content"})
REFERENCE = {
    "id": "5a0f7a52-6d6e-4f7e-9a52-0d5c1c1d8a11",
    "sha256": "0" * 64,
    "size": 3,
    "mediaType": "text/plain",
    "name": None,
    "expiresAt": "2026-01-01T00:00:00.000Z",
    "url": None,
}


def files(data, binary):
    return {one.path: (one.media_type, one.content) for one in bulk_of(data, binary)}


@pytest.mark.parametrize(
    ("data", "binary", "left"),
    [
        pytest.param(
            {"content": TEXT, "bytes": 3}, NHIS, {"data.content": ("application/pdf", PDF)}, id="pdf"
        ),
        pytest.param(
            {"content": TEXT, "mediaType": "image/x"},
            NHIS,
            {"data.content": ("image/x", PDF)},
            id="stated type",
        ),
        pytest.param({"content": TEXT[:100]}, NHIS, {}, id="small"),
        pytest.param(
            {"contents": {"a": TEXT, "b": TEXT}},
            {"contents.*"},
            {"data.contents.a": ("application/pdf", PDF), "data.contents.b": ("application/pdf", PDF)},
            id="by their digests",
        ),
        pytest.param(
            {"others": [{"content": TEXT, "bytes": 3}, {"content": None, "bytes": 0}]},
            NHIS,
            {
                "data.others[0].content": ("application/pdf", PDF),
                "data.others": (
                    "application/json",
                    b'[{"content":null,"bytes":3},{"content":null,"bytes":0}]',
                ),
            },
            id="the rest of a list",
        ),
        pytest.param(
            {"text": "я" * LEAST_BULK},
            (),
            {"data.text": ("application/json", json.dumps("я" * LEAST_BULK, ensure_ascii=False).encode())},
            id="text",
        ),
        pytest.param(
            {"content": "!" * LEAST_BULK},
            NHIS,
            {"data.content": ("application/json", json.dumps("!" * LEAST_BULK).encode())},
            id="no base64",
        ),
        pytest.param(
            {"content": base64.b64encode(bytes(5000)).decode()},
            NHIS,
            {"data.content": ("application/octet-stream", bytes(5000))},
            id="unknown bytes",
        ),
    ],
)
def test_the_files_that_stand_for_it(data, binary, left):
    assert files(data, binary) == left
    assert all((without_bulk(data)[path.split(".")[1].split("[")[0]]) is None for path in left)


def test_of_very_many_leaves_one_file_is_made():
    data = {"others": [{"content": TEXT[:100]}] * (MOST_FILES + 1)}
    assert list(files(data, NHIS)) == ["data.others"]


def test_the_id_follows_from_what_it_belongs_to_and_what_it_holds():
    (one,) = bulk_of({"content": TEXT}, NHIS)
    new = one.new_file(OWNER, "urn:hospital:1", "s-1", 1)
    assert new == one.new_file(OWNER, "urn:hospital:1", "s-1", 1)
    assert new.size == len(PDF)
    others = {
        one.new_file(OWNER, "urn:hospital:1", "s-1", 2).id,
        replace(one, path="data.other").new_file(OWNER, "urn:hospital:1", "s-1", 1).id,
        replace(one, content=b"x").new_file(OWNER, "urn:hospital:1", "s-1", 1).id,
    }
    assert len(others | {new.id}) == 4


@pytest.mark.parametrize(
    ("data", "count"),
    [
        ({}, 0),
        ({"file": REFERENCE}, 1),
        ({"files": [REFERENCE, {"file": REFERENCE}]}, 2),
        ({"file": {"id": REFERENCE["id"], "sha256": "0" * 64}}, 0),
        ({"file": REFERENCE | {"id": "not an id"}}, 0),
    ],
)
def test_references_in_data_are_found(data, count):
    assert list(referred_ids(data)) == [REFERENCE["id"]] * count
