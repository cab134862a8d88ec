"""What a group has committed, by the coordinator's answer: each error is told as what it is."""

from types import SimpleNamespace

import pytest
from aiokafka import TopicPartition
from aiokafka.errors import (
    GroupAuthorizationFailedError,
    GroupLoadInProgressError,
    NotCoordinatorForGroupError,
    TopicAuthorizationFailedError,
    UnknownMemberIdError,
)

from worker.kafka import lag

PARTITIONS = [TopicPartition("t", number) for number in range(2)]


def answer(*offsets, error=0, codes=(0, 0)):
    told = [
        (number, offset, "", code) for (number, offset), code in zip(enumerate(offsets), codes, strict=False)
    ]
    return SimpleNamespace(topics=[("t", told)] if told else [], error_code=error)


class Coordinator:
    """Gives these answers, one after the other."""

    def __init__(self, *answers):
        self._answers = list(answers)

    async def find_coordinator(self, group):
        assert group == "g"
        return 7

    async def _send_request(self, request, node):
        assert node == 7
        assert request._partitions == [("t", [0, 1])]
        return self._answers.pop(0)


@pytest.fixture(autouse=True)
def at_once(monkeypatch):
    monkeypatch.setattr(lag, "PAUSE", 0)


async def test_the_offsets():
    found = await lag._read(Coordinator(answer(5, -1)), "g", PARTITIONS)

    assert found == dict(zip(PARTITIONS, (5, -1), strict=True))


async def test_version_1_has_no_error_of_the_whole():
    told = answer(5, 6)
    del told.error_code

    assert set((await lag._read(Coordinator(told), "g", PARTITIONS)).values()) == {5, 6}


@pytest.mark.parametrize("error", [GroupLoadInProgressError, NotCoordinatorForGroupError])
async def test_a_coordinator_that_is_not_ready_is_asked_again(error):
    asked = Coordinator(answer(error=error.errno), answer(0, 0, codes=(0, error.errno)), answer(5, 6))

    assert set((await lag._read(asked, "g", PARTITIONS)).values()) == {5, 6}


@pytest.mark.parametrize(
    ("told", "kind", "names"),
    [
        (answer(error=GroupAuthorizationFailedError.errno), GroupAuthorizationFailedError, "g"),
        (answer(0, codes=(TopicAuthorizationFailedError.errno,)), TopicAuthorizationFailedError, {"t"}),
        (answer(error=UnknownMemberIdError.errno), UnknownMemberIdError, None),
    ],
    ids=["group", "topic", "other"],
)
async def test_an_error_that_stays_is_raised(told, kind, names):
    with pytest.raises(kind) as raised:
        await lag._read(Coordinator(told), "g", PARTITIONS)

    assert names is None or raised.value.args == (names,)
