"""What people do, without the command line: the services of `worker.admin` on real servers, as a console calls them."""

from __future__ import annotations

import pytest

from tests.integration.worker.test_dead_letters import fail_all, last, revision
from tests.integration.worker.test_settlements import hold, messages, reactions
from tests.support.worker.hospital import register
from tests.support.worker.installation import serving
from worker.admin.dead_letters import list_dead_letters, show_dead_letter
from worker.admin.discard import discard_dead_letters, select_for_discard
from worker.admin.errors import ActFailed, NotSettled
from worker.admin.evidence import evidence_of
from worker.admin.replay import ReplayOrder, replay_dead_letters, select_for_replay
from worker.admin.settle import preview_settlement, settle_dead_letter
from worker.admin.settlement import Asked
from worker.admin.submissions import list_submissions, show_submission
from worker.admin.views import DeadLetterFilter, SubmissionFilter
from worker.journal.claims import LetterState
from worker.pipeline.ports import State
from worker.settings.load import load

OPEN = DeadLetterFilter(state=LetterState.OPEN)


class Heard:
    """Implements `ReplayProgress`."""

    def __init__(self):
        self.told = []

    def begins(self, *, begun, ordered):
        self.told.append((begun, ordered))

    def advanced(self, more):
        self.told.append(more)


async def test_what_failed_is_listed_replayed_and_shown(installation):
    patient = installation.patient()
    await fail_all(installation, [register("first", patient), register("second", patient)])
    config = installation.config()
    settings = load(config, {})
    second, first = (await list_dead_letters(settings.journal, OPEN)).rows
    found = await select_for_replay(settings, OPEN)
    heard = Heard()
    async with serving(config), installation.reading() as answers:
        order = ReplayOrder(found.selection.ids, "nurse", "NHIS is back")
        done = await replay_dead_letters(settings, order, heard)
        await revision(answers, "first", 2)
        await revision(answers, "second", 2)
        await installation.all_committed()
        again = await replay_dead_letters(settings, order)

    assert (found.selection.ids, found.selection.skipped, found.begun) == ([first.id, second.id], (), 0)
    assert (done.replayed, done.finished, done.refused) == ((first.id, second.id), (), ())
    assert heard.told == [(0, 2), 2]
    assert again.replayed == ()
    assert last(answers, "first").kind == last(answers, "second").kind == "accepted"
    shown = await show_dead_letter(settings.journal, first.id)
    assert (shown.letter.state, shown.submission.revision) == (LetterState.REPLAYED, 2)
    (entry,) = shown.audit
    assert (entry.who, entry.act, entry.reason) == ("nurse", "replay", "NHIS is back")
    listed = await list_submissions(settings.journal, SubmissionFilter(state=State.ACCEPTED))
    assert {row.id for row in listed.rows} == {"first", "second"}


async def test_what_is_held_is_settled_by_a_persons_word(installation):
    config = installation.config()
    settings = load(config, {})
    async with serving(config), installation.reading() as answers:
        held = await hold(installation, answers, "drop-after")
        sent = messages(installation)
        asked = Asked(held.letter, {"nrn": held.nrn}, who="nurse", reason="seen in NHIS")
        tried = await preview_settlement(settings, asked)
        done = await settle_dead_letter(settings, asked)
        await revision(answers, "reaction", 2)
        again = await settle_dead_letter(settings, asked)
        with pytest.raises(NotSettled, match="already settled as accepted"):
            await settle_dead_letter(settings, Asked(held.letter, None, who="nurse", reason="no"))
        await answers.until(lambda it: len(it.of("reaction")) == 3)

    assert (tried.repeated, done.repeated, again.repeated) == (False, False, True)
    reply = last(answers, "reaction")
    assert (reply.kind, reply.value) == ("accepted", done.reply.value)
    (detail,) = await show_submission(settings.journal, "reaction")
    assert (detail.submission.state, detail.submission.answered) == (State.ACCEPTED, True)
    assert (await show_dead_letter(settings.journal, held.letter)).letter.state is LetterState.SETTLED
    assert (messages(installation), reactions(installation)) == (sent, 1)
    files = {file.name.partition(".")[2]: file.content for file in evidence_of(detail).files}
    assert files["reply.json"] == reply.value
    assert files["request.xml"] == detail.attempts[0].request


async def test_what_is_discarded_is_left_alone_by_the_next_replay(installation):
    await fail_all(installation, [register("dose", installation.patient())])
    settings = load(installation.config(), {})
    chosen = await select_for_discard(settings.journal, OPEN)
    done = await discard_dead_letters(settings.journal, chosen.ids, who="nurse", reason="published again")
    found = await select_for_replay(settings, DeadLetterFilter(ids=done.ids))

    assert list(done.ids) == chosen.ids
    assert (found.selection.taken, [one.why for one in found.selection.skipped]) == ((), ["it was discarded"])


async def test_an_act_that_cannot_be_done_says_why(installation):
    settings = load(installation.config({"kafka": {"bootstrap_servers": "127.0.0.1:1"}}), {})
    for act, why in (
        (show_submission(settings.journal, "nobody"), "no submission nobody"),
        (show_dead_letter(settings.journal, "d-9"), "no dead letter d-9"),
        (select_for_replay(settings, DeadLetterFilter(ids=("d-9",))), "no dead letter d-9"),
        (settle_dead_letter(settings, Asked("d-9", None, who="nurse", reason="r")), "Nothing was settled"),
        (replay_dead_letters(settings, ReplayOrder((), "nurse")), "Kafka did not accept the replay"),
    ):
        with pytest.raises(ActFailed, match=why):
            await act
