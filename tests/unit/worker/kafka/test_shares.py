"""How much of the window a source and a signer may take."""

from __future__ import annotations

from worker.kafka.shares import WindowShares
from worker.pipeline.flood.causes import Hold, Party, Scope, Sender

A, SAME_SOURCE, OTHER = Sender("a", "1"), Sender("a", "2"), Sender("b", "3")
SOURCE_A, SIGNER_1 = Party(Scope.SOURCE, "a"), Party(Scope.SIGNER, "1")


def _shares() -> WindowShares:
    return WindowShares({Scope.SOURCE: 0.5, Scope.SIGNER: 0.25}, max_records=16, max_bytes=1600)


def test_a_signer_with_its_share_leaves_room_for_others_and_its_source() -> None:
    shares = _shares()
    for _ in range(4):
        assert shares.hold(A) is None
        shares.add(A, 1)
    assert shares.hold(A) == Hold(SIGNER_1, stopped=False)
    assert shares.hold(SAME_SOURCE) is None
    for _ in range(4):
        shares.add(SAME_SOURCE, 1)
    assert shares.hold(Sender("a", "9")) == Hold(SOURCE_A, stopped=False)
    assert shares.hold(OTHER) is None


def test_a_party_has_room_again_when_half_of_its_share_is_free() -> None:
    shares = _shares()
    for _ in range(4):
        shares.add(A, 1)
    shares.remove(A, 1)
    assert shares.holds(SIGNER_1)
    shares.remove(A, 1)
    assert not shares.holds(SIGNER_1)


def test_bytes_count_as_records_do() -> None:
    shares = _shares()
    shares.add(A, 400)
    assert shares.holds(SIGNER_1)
    shares.remove(A, 400)
    assert not shares.holds(SIGNER_1)
    assert not shares._parts


def test_a_share_of_all_is_no_limit() -> None:
    shares = WindowShares({Scope.SOURCE: 1.0}, max_records=2, max_bytes=2)
    for _ in range(9):
        shares.add(A, 9)
    assert shares.hold(A) is None
    for _ in range(9):
        shares.remove(A, 9)
