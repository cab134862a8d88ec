"""The table of `herald check --connect`."""

from __future__ import annotations

from worker.admin.preflight.findings import Result, Verdict
from worker.cli.check_connect import SHOWN, _rows


def result(verdict, name="a.b", subject=None, detail="told", step=None):
    return Result(name, subject, verdict, detail, step)


def test_the_next_step_stands_below_what_was_found():
    rows = list(_rows([result(Verdict.FAIL, subject="t", step="do this")]))
    assert rows == [("fail", "a.b", "t: told"), ("", "", "-> do this")]


def test_what_is_the_same_of_several_subjects_is_one_line():
    several = [result(Verdict.WARN, subject=one, step="do") for one in ("x", "y")]
    other = result(Verdict.WARN, subject="z", detail="other")
    assert list(_rows([*several, other])) == [
        ("warn", "a.b", "x, y: told"), ("", "", "-> do"), ("warn", "a.b", "z: other")
    ]  # fmt: skip


def test_many_good_lines_become_one_and_no_fault_is_left_out():
    good = [result(Verdict.OK, subject=str(one), detail=str(one)) for one in range(SHOWN + 1)]
    bad = result(Verdict.FAIL, subject="bad")
    assert list(_rows([*good[:2], bad, *good[2:]])) == [
        ("ok", "a.b", f"{SHOWN + 1} are well; --json names them"), ("fail", "a.b", "bad: told")
    ]  # fmt: skip
    assert len(list(_rows(good[:SHOWN]))) == SHOWN
