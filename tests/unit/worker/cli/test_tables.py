"""Tables lose nothing: not where they are piped, and not on a terminal that is too narrow for them."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest

from worker.cli.tables import Cell, ago, print_table, printable, short_ids, when

WORDS = ["adverse-reaction.register", "nhis.adverse-reaction.register.v1", "x" * 90]


def test_a_piped_table_has_one_line_for_each_row(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    print_table(
        ("operation", "type", "id", "at", "none"), [[*WORDS, datetime(2026, 3, 1, 9, 30, tzinfo=UTC), None]]
    )
    head, row = capsys.readouterr().out.splitlines()
    assert head.split() == ["operation", "type", "id", "at", "none"]
    assert row.split() == [*WORDS, "2026-03-01", "09:30:00", "-"]


def test_a_narrow_terminal_folds_and_cuts_nothing(terminal) -> None:
    shown = terminal(60, print_table, ("id",), [[WORDS[2]]])
    assert max(map(len, shown.splitlines())) <= 60
    assert re.sub(r"\s", "", shown) == "id" + WORDS[2]


NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
LETTER = "5f0c7d0e-6a0e-5d0b-8f3c-0d6c4a9e2b11"
ROW = [
    Cell(LETTER, LETTER[:8]),
    ago(NOW - timedelta(hours=3), NOW),
    "retries-exhausted",
    "adverse-reaction.register",
]
COLUMNS = ("id", "died (UTC)", "reason", "operation", "source")


def test_short_forms_stand_in_where_the_terminal_is_narrow(terminal) -> None:
    row = [*ROW, "/his"]
    wide, narrow = terminal(120, print_table, COLUMNS, [row]), terminal(80, print_table, COLUMNS, [row])
    assert LETTER in wide
    assert "2026-03-01 09:00:00" in wide
    assert LETTER[:8] in narrow
    assert "3 h ago" in narrow
    assert max(map(len, narrow.splitlines())) <= 80
    assert len(narrow.splitlines()) == 2


def test_spare_columns_go_first_and_only_as_far_as_needed(terminal) -> None:
    columns, row = (*COLUMNS, "state"), [*ROW, "/a/long/source/of/events", "replaying"]
    assert len(terminal(80, print_table, columns, [row], spare=("source", "reason")).splitlines()) == 2
    assert "source" not in terminal(80, print_table, columns, [row], spare=("source", "reason"))
    assert "reason" in terminal(80, print_table, columns, [row], spare=("source", "reason"))
    assert "source" in terminal(200, print_table, columns, [row], spare=("source", "reason"))


def test_short_ids_tell_their_rows_apart() -> None:
    short = short_ids([LETTER, "5f0c7d0e-7", "0000"])
    assert (short(LETTER).narrow, short("5f0c7d0e-7").narrow) == ("5f0c7d0e-6", "5f0c7d0e-7")
    assert short_ids([LETTER])(LETTER) == Cell(LETTER, "5f0c7d0e")


@pytest.mark.parametrize(
    ("past", "told"),
    [
        (timedelta(seconds=0), "0 s ago"),
        (timedelta(seconds=59), "59 s ago"),
        (timedelta(minutes=5), "5 min ago"),
        (timedelta(hours=47), "1 d ago"),
        (timedelta(days=400), "400 d ago"),
        (timedelta(minutes=-5), "in 5 min"),
    ],
)
def test_how_long_ago(past: timedelta, told: str) -> None:
    found = ago(NOW - past, NOW)
    assert found is not None
    assert found.narrow == told


def test_what_a_terminal_would_act_upon_is_escaped(terminal) -> None:
    shown = terminal(80, print_table, ("source",), [["/his\x1b[2J[bold]\r\n\u202e\u200b"]])
    assert "/his\\x1b[2J[bold]\\r\\n\\u202e\\u200b" in shown
    assert printable("a\nb\x07\ud800") == "a\nb\\x07\\ud800"


def test_columns_that_are_left_out_are_named(terminal, capsys) -> None:
    columns, row = (*COLUMNS, "state"), [*ROW, "/a/long/source/of/events", "replaying"]
    said = []

    def show() -> None:
        print_table(columns, [row], spare=("source", "reason"))
        said.append(capsys.readouterr().err)

    terminal(80, show)
    terminal(250, show)
    assert said == [
        "Not shown at this width: source. A wider terminal, COLUMNS=250 or --json shows all.\n",
        "",
    ]


def test_no_word_is_folded(terminal) -> None:
    why = "3 of the last 4 submissions became dead letters within 60 s"
    row = ["kz-shep", "signer doctor-in-chief", why, "unknown-code: 2, contract-violation: 1"]
    columns = ("system", "stopped", "why", "reasons")
    for width in (100, 80, 60, 40, 30):
        shown = terminal(width, print_table, columns, [row, row])
        assert max(map(len, shown.splitlines())) <= width
        assert set(" ".join(row).split()) <= set(shown.replace(":\n", ": ").split())


def test_where_words_do_not_fit_each_row_becomes_lines_of_name_and_value(terminal) -> None:
    shown = terminal(30, print_table, ("operation", "type"), [WORDS[:2], ["a", None]])
    assert shown.splitlines() == [
        "operation: ",
        "adverse-reaction.register",
        "type: ",
        "nhis.adverse-reaction.register",
        ".v1",
        "",
        "operation: a",
        "type: -",
    ]


def test_a_piped_table_is_as_wide_as_COLUMNS_says(capsys, monkeypatch) -> None:  # noqa: N802 - the variable's name
    def lines() -> list[str]:
        print_table(("first", "second"), [["word " * 10, "word " * 10]])
        return capsys.readouterr().out.splitlines()

    monkeypatch.delenv("COLUMNS", raising=False)
    assert len(lines()) == 2
    monkeypatch.setenv("COLUMNS", "60")
    assert len(lines()) > 2
    assert max(map(len, lines())) <= 60
    for odd in ("", "wide", "-5", "٣"):
        monkeypatch.setenv("COLUMNS", odd)
        assert len(lines()) == 2


def test_only_the_long_form_of_a_moment_is_headed_as_UTC(terminal) -> None:  # noqa: N802 - the zone's name
    columns, row = ("id", when("died"), "reason", "operation"), ROW
    wide, narrow = (terminal(width, print_table, columns, [row]).splitlines() for width in (120, 70))
    assert ("died (UTC)" in wide[0], "09:00:00" in wide[1]) == (True, True)
    assert (narrow[0].split(), "3 h ago" in narrow[1]) == (["id", "died", "reason", "operation"], True)
    assert "reason" not in terminal(45, print_table, columns, [row], spare=("died (UTC)", "reason"))


def test_columns_without_names_have_no_line_for_them(terminal) -> None:
    shown = terminal(80, print_table, ("", ""), [["state", "open"], ["replays", 0]])
    assert [line.split() for line in shown.splitlines()] == [["state", "open"], ["replays", "0"]]


def test_a_blank_line_parts_a_table_from_the_one_above(terminal) -> None:
    shown = terminal(80, print_table, ("topic",), [["a"]], below=True)
    assert [line.strip() for line in shown.splitlines()] == ["", "topic", "a"]


def test_a_sentence_is_not_squeezed_into_a_narrow_column(terminal) -> None:
    why = "8 of the last 10 submissions became dead letters within 60 s"
    heads = ("system", "stopped", "since", "why", "reasons", "next trial")
    row = [
        "nhis",
        "source /hospitals/demo/his",
        "3 min ago",
        why,
        "unknown-code: 5, contract-violation: 3",
        "in 2 min",
    ]
    assert f"why: {why}" in terminal(80, print_table, heads, [row]).splitlines()
    assert terminal(120, print_table, heads, [row]).split()[:3] == ["system", "stopped", "since"]
