"""What every memory of refused secrets must do, whatever keeps it: one worker tries a secret, and once."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from worker.signing.port import LEASE, Proof, SigningFailed, Standing
from worker.signing.refused_secrets import SecretsRefusedHere
from worker.signing.trying import MAY_BE_TRIED

if TYPE_CHECKING:
    from worker.pipeline.ports import Clock
    from worker.signing.port import RefusedSecrets

ONE, OTHER, THIRD = b"1" * 32, b"2" * 32, b"3" * 32
PLACE = b"p" * 32
PROOF = Proof(PLACE, b"4" * 32)
OTHER_PROOF = Proof(PLACE, b"5" * 32)
"""Of another secret at the same place."""


async def reserved(
    memory: RefusedSecrets, digest: bytes = ONE, *, known_good: bool = False, proof: Proof | None = None
) -> Standing:
    return await memory.reserve(digest, known_good=known_good, proof=proof)


class LapsingMemory(SecretsRefusedHere):
    """A memory like the journal's: a try that is not renewed ends in doubt, and it is unavailable at times."""

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self._clock = clock
        self._since: dict[bytes, float] = {}
        self.available = True
        self.renewals = 0

    async def reserve(self, digest: bytes, *, known_good: bool, proof: Proof | None = None) -> Standing:
        """Reserve it, also where the try before ran out."""
        if self._since.get(digest, self._clock.monotonic()) < self._clock.monotonic() - LEASE:
            self._since.pop(digest)
            if await super().renew(digest):
                await super().doubt(digest)
        standing = await super().reserve(digest, known_good=known_good, proof=proof)
        if standing in MAY_BE_TRIED:
            self._since[digest] = self._clock.monotonic()
        return standing

    async def renew(self, digest: bytes) -> bool:
        """Keep it reserved."""
        self.renewals += 1
        if not self.available:
            raise SigningFailed("the journal is unavailable", transient=True)
        mine = await super().renew(digest)
        if mine:
            self._since[digest] = self._clock.monotonic()
        return mine


class RefusedSecretsConformance:
    """Tests of two views of one memory, `mine` and `theirs`, as two workers have them."""

    async def test_the_key_is_one_for_all(self, mine, theirs):
        assert await mine.key() == await theirs.key()
        assert len(await mine.key()) == 32

    async def test_only_one_may_try_it(self, mine, theirs):
        found = await asyncio.gather(*(reserved(one) for one in (mine, theirs) * 5))

        assert sorted(found) == [Standing.BUSY] * 9 + [Standing.FREE]
        assert await reserved(theirs, OTHER) is Standing.FREE

    async def test_a_try_is_renewed_until_it_ends(self, mine, theirs):
        await reserved(mine)
        assert await mine.renew(ONE)
        assert await mine.renew(ONE)
        assert await reserved(theirs, known_good=True) is Standing.BUSY
        await mine.release(ONE)
        assert await reserved(theirs) is Standing.FREE

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

    async def test_one_that_was_never_accepted_is_in_doubt_after_one_lost_answer(self, mine, theirs):
        assert await reserved(mine, proof=PROOF) is Standing.FREE

        assert await mine.unanswered(ONE, PROOF)
        assert await theirs.standing(ONE, PROOF) is Standing.DOUBTFUL
        assert await reserved(theirs, proof=PROOF) is Standing.DOUBTFUL

    async def test_one_that_was_accepted_may_be_tried_again_after_one_lost_answer_and_not_after_two(
        self, mine, theirs
    ):
        await reserved(mine, proof=PROOF)
        await mine.accept(ONE, PROOF)
        assert await reserved(theirs, proof=PROOF) is Standing.FREE
        assert not await theirs.unanswered(ONE, PROOF)

        assert await mine.standing(ONE, PROOF) is Standing.FREE
        assert await reserved(mine, proof=PROOF) is Standing.AGAIN
        assert await reserved(theirs, proof=PROOF) is Standing.BUSY
        assert await mine.unanswered(ONE, PROOF)
        assert await reserved(theirs, proof=PROOF) is Standing.DOUBTFUL

    async def test_a_try_that_was_not_judged_does_not_change_the_count(self, mine, theirs):
        await reserved(mine, proof=PROOF)
        await mine.accept(ONE, PROOF)
        await reserved(mine, proof=PROOF)
        await mine.unanswered(ONE, PROOF)
        for one in (mine, theirs):
            assert await reserved(one, proof=PROOF) is Standing.AGAIN
            await one.release(ONE)

    async def test_each_acceptance_begins_the_count_anew(self, mine, theirs):
        for one in (mine, theirs, mine):
            await reserved(one, proof=PROOF)
            await one.accept(ONE, PROOF)
            assert await reserved(one, proof=PROOF) is Standing.FREE
            assert not await one.unanswered(ONE, PROOF)

    async def test_a_refused_one_is_not_known_for_right_any_more(self, mine, theirs):
        await reserved(mine, proof=PROOF)
        await mine.accept(ONE, PROOF)
        await reserved(mine, proof=PROOF)
        await mine.note(ONE, proof=PROOF)

        assert await theirs.standing(ONE, PROOF) is Standing.REFUSED
        assert await reserved(theirs, proof=PROOF) is Standing.REFUSED
        await reserved(theirs, OTHER, proof=PROOF)
        assert await theirs.unanswered(OTHER, PROOF)

    async def test_a_place_holds_one_right_secret(self, mine, theirs):
        await reserved(mine, proof=PROOF)
        await mine.accept(ONE, PROOF)
        await reserved(theirs, OTHER, proof=OTHER_PROOF)
        await theirs.accept(OTHER, OTHER_PROOF)

        await reserved(mine, proof=PROOF)
        assert await mine.unanswered(ONE, PROOF)
        await reserved(mine, OTHER, proof=OTHER_PROOF)
        assert not await mine.unanswered(OTHER, OTHER_PROOF)

    async def test_a_late_acceptance_ends_the_doubt(self, mine, theirs):
        await reserved(mine, proof=PROOF)
        await mine.unanswered(ONE, PROOF)
        await mine.accept(ONE, PROOF)

        assert await theirs.standing(ONE, PROOF) is Standing.FREE
        assert await reserved(theirs, proof=PROOF) is Standing.FREE
