"""What names nothing that there is ends the command with 2, in every command; it never is an empty result."""

from __future__ import annotations

import pytest

from tests.support.cli.commands import invoked

TAKE_A_SYSTEM = [
    ("dead-letters", "list"),
    ("dead-letters", "summary"),
    ("dead-letters", "replay"),
    ("dead-letters", "discard", "--reason", "r"),
    ("submissions", "list"),
    ("submit", "events.json"),
    ("watch",),
    ("demo",),
]


@pytest.mark.parametrize("command", TAKE_A_SYSTEM)
@pytest.mark.parametrize("name", ["nihs", "", "NHIS"])
def test_an_unknown_system_is_wrong_use_in_every_command(command, name):
    done = invoked(*command, "--system", name)
    assert (done.code, "is not one of" in done.err) == (2, True), done


@pytest.mark.parametrize("command", TAKE_A_SYSTEM[:5])
def test_an_unknown_operation_is_wrong_use(command):
    done = invoked(*command, "--operation", "immunization.regster")
    assert (done.code, "is not one of" in done.err) == (2, True), done


def test_times_that_nothing_can_lie_between_are_wrong_use():
    done = invoked("dead-letters", "list", "--since", "2026-03-02", "--until", "2026-03-01")
    assert (done.code, "--since must be before --until" in done.err) == (2, True)


@pytest.mark.parametrize("ids", [["5f0c"], []])
def test_a_selection_is_ids_or_filters_and_never_neither(ids):
    given = ["--code", "conflict"] if ids else []
    done = invoked("dead-letters", "discard", "--reason", "r", *ids, *given)
    assert (done.code, done.err.startswith(("Give ids or filters", "Say which dead letters"))) == (2, True)


@pytest.mark.parametrize(
    "command",
    [
        ("dead-letters", "show", ""),
        ("dead-letters", "settle", " ", "--as", "not-sent", "--reason", "r"),
        ("dead-letters", "discard", "", "--reason", "r"),
        ("dead-letters", "replay", ""),
        ("submissions", "show", ""),
        ("dead-letters", "discard", "5f0c", "--reason", ""),
        ("dead-letters", "settle", "5f0c", "--as", "not-sent", "--reason", " "),
        ("dead-letters", "replay", "5f0c", "--reason", ""),
        ("intake", "resume", "--reason", ""),
    ],
)
def test_an_empty_id_or_reason_is_wrong_use(command):
    done = invoked(*command)
    assert (done.code, "it is empty" in done.err) == (2, True), done


@pytest.mark.parametrize("command", ["submissions", "dead-letters"])
@pytest.mark.parametrize("form", [(), ("--json",)])
def test_a_limit_of_all_is_wrong_use(command, form):
    done = invoked(command, "list", "--limit", "3", "--all", *form)
    assert (done.code, done.err) == (2, "Give --limit or --all, not both.\n")
