"""What every memory of refused secrets must do, whatever keeps it: one worker tries a secret, and once."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from worker.signing.port import LEASE, Standing

if TYPE_CHECKING:
    from worker.signing.port import RefusedSecrets

ONE, OTHER, THIRD = b"1" * 32, b"2" * 32, b"3" * 32
PLACE = b"p" * 32


async def reserved(
    memory: RefusedSecrets, digest: bytes = ONE, *, known_good: bool = False, lease: float = LEASE
) -> Standing:
    return await memory.reserve(digest, known_good=known_good, lease=lease)


class RefusedSecretsConformance:
    """Tests of two views of one memory, `mine` and `theirs`, as two workers have them."""

    async def test_the_key_is_one_for_all(self, mine, theirs):
        assert await mine.key() == await theirs.key()
        assert len(await mine.key()) == 32

    async def test_only_one_may_try_it(self, mine, theirs):
        found = await asyncio.gather(*(reserved(one) for one in (mine, theirs) * 5))

        assert sorted(found) == [Standing.BUSY] * 9 + [Standing.FREE]
        assert await reserved(theirs, OTHER) is Standing.FREE

    async def test_a_right_one_leaves_nothing_behind(self, mine, theirs):
        await reserved(mine)
        await mine.release(ONE)

        assert not await theirs.refused(ONE)
        assert await reserved(theirs) is Standing.FREE

    async def test_a_refused_one_is_refused_for_all_and_for_good(self, mine, theirs):
        await reserved(mine)
        await mine.note(ONE)
        await theirs.release(ONE)
        await theirs.doubt(ONE)
        await theirs.note(ONE)

        assert await theirs.refused(ONE)
        assert await reserved(theirs, known_good=True) is Standing.REFUSED
        assert not await theirs.refused(OTHER)

    async def test_a_place_is_known_for_a_wrong_or_doubtful_one_until_a_right_one(self, mine, theirs):
        assert not await theirs.refused_at(PLACE)
        await mine.note(ONE, PLACE)
        await mine.note(OTHER, PLACE)
        assert await theirs.refused_at(PLACE)
        await theirs.release(THIRD)
        assert await theirs.refused_at(PLACE)
        await theirs.release(THIRD, right_at=PLACE)
        assert not await mine.refused_at(PLACE)
        await reserved(mine, THIRD)
        await mine.doubt(THIRD, PLACE)
        assert await theirs.refused_at(PLACE)

    async def test_one_may_be_noted_that_was_never_reserved(self, mine, theirs):
        await mine.note(ONE)

        assert await reserved(theirs) is Standing.REFUSED

    async def test_after_a_doubt_only_who_knows_that_it_was_right_may_try_it(self, mine, theirs):
        await reserved(mine)
        await mine.doubt(ONE)

        assert not await theirs.refused(ONE)
        assert await reserved(theirs) is Standing.DOUBTFUL
        assert await reserved(mine, known_good=True) is Standing.FREE
        assert await reserved(mine, known_good=True) is Standing.BUSY
