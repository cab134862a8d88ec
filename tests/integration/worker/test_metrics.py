"""Each metric is moved by a real event, and read as Prometheus reads it: over HTTP, from a running worker."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import asyncpg
import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families as openmetrics_families

from tests.integration.worker.test_dead_letters import letter_of, replayed, revision
from tests.integration.worker.test_settlements import hold
from tests.support.worker.hospital import SOURCE, register
from tests.support.worker.installation import (
    Installation,
    eventually,
    laid_over,
    serving,
)
from tests.support.worker.metrics import EVERY_SECOND, OPENMETRICS, Scrape, scrape
from tests.support.worker.under_load import ended_certificate
from worker.journal import code_lists
from worker.observability.metrics.declared import ALL
from worker.observability.metrics.labels import Stage
from worker.observability.metrics.metric import Kind
from worker.systems.port import CodeList

DAY = 86_400.0


@dataclass(frozen=True)
class Seen:
    """What a worker's metrics were after a day's events, and what must not be in them."""

    scrape: Scrape
    openmetrics: Scrape
    secrets: tuple[str, ...]


async def _upkeep(installation: Installation) -> dict[str, object]:
    """Return the settings of what workers do on schedule. Its lists are fresh, and no event has a code of them."""
    connection = await asyncpg.connect(installation.dsn)
    for name in ("CL999", "C004"):
        await code_lists.replace(connection, "nhis", CodeList(name, "x", datetime.now(UTC), {}))
    await connection.close()
    pulled = {"nomenclatures": ["CL999"], "nomenclature_pulls": {"enabled": True}}
    return {"journal": {"retention": {"enabled": True}}, "systems": {"nhis": pulled}}


async def _one_of_each(installation: Installation) -> Seen:
    """Let one submission end in each way there is, one after the other."""
    config = installation.config(
        laid_over(
            {
                **EVERY_SECOND,
                **ended_certificate(installation),
                "retry": {"initial": 0.2, "give_up_after": 1},
            },
            await _upkeep(installation),
        )
    )
    patients = [installation.patient() for _ in range(4)]
    well, wrong, tried, given_up = patients
    async with serving(config) as worker, installation.reading() as answers:
        installation.nhis.fault("status", match={"messageType": "S001"}, status=503)
        accepted = register("accepted", well)
        await installation.publish(accepted, register("failed", wrong, doseNumber="one"))
        await answers.answered(["accepted", "failed"])
        await installation.publish(accepted)  # a duplicate
        await installation.publish(replace(accepted, value=register("accepted", wrong).value))  # a conflict
        await installation.publish(replace(accepted, id="", value=b"{"))  # unreadable
        await installation.publish(register("rejected", well, specialCase=False))
        await answers.answered(["rejected"])
        installation.nhis.fault("status", match={"patient": tried.egn}, status=503)
        await installation.publish(register("tried", tried))
        await answers.answered(["tried"])
        await hold(installation, answers, "drop-after")
        installation.nhis.fault("status", match={"patient": given_up.egn}, status=429, times=None)
        await installation.publish(register("given-up", given_up))
        await answers.answered(["given-up"])
        installation.nhis.calm()
        await replayed(config, await letter_of(installation, "given-up"))
        await revision(answers, "given-up", 2)
        await installation.all_committed()
        found = await eventually(
            lambda: scrape(worker.health.address),
            lambda one: (
                one.value("herald_held_submissions", system="nhis") == 1
                and one.value("herald_dead_letters_open", system="nhis") == 4
                and one.total("herald_replays_total") == 1
                and one.total("herald_consumer_lag_records") == 0
                # The journal's figures are read once a second, and may be of a moment before the last answer.
                and one.value("herald_unanswered_submissions", system="nhis") == 0
            ),
        )
        opened = await scrape(worker.health.address, OPENMETRICS)
    secrets = [*(one.egn for one in patients), *(one.key.decode() for one in patients), SOURCE]
    secrets += ["given-up", "accepted-", well.given, well.family, installation.topics.prefix]
    return Seen(found, opened, tuple(secrets))


@pytest.fixture(scope="module")
def seen(play) -> Seen:
    return play(_one_of_each)


def _submissions(seen: Seen, outcome: str) -> float:
    return seen.scrape.total("herald_submissions_total", system="nhis", outcome=outcome)


@pytest.mark.parametrize(
    ("outcome", "count"),
    # Accepted: `accepted`, `tried`, the dose before the reaction, the replay of `given-up`.
    [
        ("accepted", 4),
        ("rejected", 1),
        ("failed", 2),
        ("held", 1),
        ("duplicate", 1),
        ("conflict", 1),
        ("unreadable", 1),
    ],
)
def test_each_outcome_is_counted_once(seen, outcome, count):
    assert _submissions(seen, outcome) == count


def test_outcomes_are_counted_by_operation(seen):
    held = {"system": "nhis", "operation": "adverse-reaction.register", "outcome": "held"}
    assert seen.scrape.value("herald_submissions_total", **held) == 1
    unread = {"system": "nhis", "operation": "other", "outcome": "unreadable"}
    assert seen.scrape.value("herald_submissions_total", **unread) == 1


@pytest.mark.parametrize(
    "reason", ["contract-violation", "conflict", "not-json", "outcome-unknown", "retries-exhausted"]
)
def test_each_dead_letter_is_counted_by_its_reason(seen, reason):
    assert seen.scrape.value("herald_dead_letters_total", system="nhis", reason=reason) == 1


def test_dead_letters_that_are_open_are_those_that_were_not_replayed(seen):
    assert seen.scrape.total("herald_dead_letters_total") == 5
    assert seen.scrape.value("herald_dead_letters_open", system="nhis") == 4


def test_retries_are_counted_by_their_reason(seen):
    assert seen.scrape.value("herald_retries_total", system="nhis", reason="unavailable") == 1
    assert seen.scrape.value("herald_retries_total", system="nhis", reason="too-many-requests") >= 1
    assert seen.scrape.value("herald_retries_total", system="nhis", reason="token-unavailable") == 1


def test_a_replay_is_counted_by_its_outcome(seen):
    assert seen.scrape.value("herald_replays_total", system="nhis", outcome="accepted") == 1


def test_a_failed_and_a_granted_token_are_counted(seen):
    assert seen.scrape.value("herald_token_requests_total", system="nhis", outcome="failed") == 1
    assert seen.scrape.value("herald_token_requests_total", system="nhis", outcome="granted") >= 1


@pytest.mark.parametrize("stage", list(Stage))
def test_each_stage_is_measured(seen, stage):
    labels = {"system": "nhis", "stage": stage.value}
    assert seen.scrape.value("herald_stage_duration_seconds_count", **labels) >= 8
    assert 0 < seen.scrape.value("herald_stage_duration_seconds_sum", **labels) < 60


def test_the_age_of_every_record_with_an_outcome_is_measured(seen):
    count = seen.scrape.value("herald_submission_age_seconds_count", system="nhis")
    assert count == seen.scrape.total("herald_submissions_total")
    assert 0 < seen.scrape.value("herald_submission_age_seconds_sum", system="nhis") < 300


def test_what_waits_for_a_person_is_counted_and_grows_older(seen):
    assert seen.scrape.value("herald_held_submissions", system="nhis") == 1
    assert 0 < seen.scrape.value("herald_held_oldest_age_seconds", system="nhis") < 120
    assert seen.scrape.value("herald_unanswered_submissions", system="nhis") == 0
    assert seen.scrape.value("herald_unanswered_oldest_age_seconds", system="nhis") == 0


def test_certificates_tell_how_long_they_last_and_one_that_has_ended_blocks_its_signer(seen):
    remaining = "herald_signer_certificate_remaining_seconds"
    assert seen.scrape.value(remaining, signer="dr-petrov") > 30 * DAY
    assert seen.scrape.value(remaining, signer="ended") < 0
    assert seen.scrape.value("herald_signer_blocked", system="nhis", signer="ended") == 1
    assert seen.scrape.value("herald_signer_blocked", system="nhis", signer="dr-petrov") == 0


def test_the_journal_its_connections_and_its_tables_are_told(seen):
    assert seen.scrape.value("herald_journal_commit_duration_seconds_count") > 10
    assert seen.scrape.total("herald_journal_connected") == 3
    assert seen.scrape.value("herald_journal_schema_version") >= 5
    assert abs(seen.scrape.value("herald_clock_skew_seconds", against="postgresql")) < 1
    assert abs(seen.scrape.value("herald_clock_skew_seconds", against="nhis")) < 5


def test_each_metric_of_the_registry_is_there_but_those_of_what_this_worker_has_not(seen):
    absent = {"herald_pinned_certificate_remaining_seconds", "herald_spans_dropped_total"}
    absent |= {"herald_asks_total", "herald_waiting_submissions"}  # NHIS answers at once
    # Of a receiver.
    absent |= {"herald_notifications_total", "herald_notifications_unpublished"}
    absent |= {"herald_notifications_unpublished_age_seconds", "herald_receiver_hastened_total"}
    absent |= {"herald_receiver_looks_total", "herald_looks_total"}
    absent |= {"herald_look_age_seconds", "herald_look_places_failing"}
    absent |= {"herald_receiver_calls_total", "herald_receiver_call_duration_seconds_count"}
    absent |= {"herald_files_total", "herald_file_bytes_total", "herald_files_to_delete"}  # it keeps no files
    wanted = {one.name for one in ALL if one.kind is not Kind.HISTOGRAM}
    wanted |= {f"{one.name}_count" for one in ALL if one.kind is Kind.HISTOGRAM}
    assert wanted - absent - seen.scrape.names == set()
    declared = {one.name for one in ALL}
    shown = {
        re.sub("_(bucket|count|sum)$", "", name) for name in seen.scrape.names if name.startswith("herald")
    }
    assert shown - declared == set()


def test_the_help_is_that_of_the_registry(seen):
    helps = [f"# HELP {one.name} " + one.help for one in ALL if one.name.startswith("herald_submission")]
    assert [one for one in helps if one not in seen.scrape.text] == []


def test_openmetrics_is_given_to_who_asks_for_it(seen):
    assert seen.scrape.content_type.startswith("text/plain; version=0.0.4")
    assert seen.openmetrics.content_type.startswith("application/openmetrics-text; version=1.0.0")
    families = {one.name for one in openmetrics_families(seen.openmetrics.text)}
    assert {"herald_submissions", "herald_circuit_open"} <= families


def test_there_is_no_identifier_in_any_of_it(seen):
    text = seen.scrape.text + seen.openmetrics.text
    # The submission topics of the settings are a label; they, and so the prefix, stand nowhere else.
    text = re.sub(r'\btopic="[^"]*\.nhis\.submissions"', "", text)
    assert [one for one in seen.secrets if one in text] == []


def test_what_runs_on_schedule_is_told_from_the_start(seen):
    for outcome in ("pulled", "incomplete", "failed"):
        assert seen.scrape.value("herald_nomenclature_pulls_total", system="nhis", outcome=outcome) == 0
    assert seen.scrape.value("herald_nomenclatures_missing", system="nhis") == 0
    assert 0 < seen.scrape.value("herald_nomenclature_age_seconds", system="nhis", code_list="CL999") < 600
    assert seen.scrape.value("herald_journal_pruned_rows_total", what="evidence") == 0
    now = datetime.now(UTC).timestamp()
    assert now - 600 < seen.scrape.value("herald_journal_prune_success_timestamp_seconds") <= now
