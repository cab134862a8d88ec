"""What an operator sees of dead letters on a terminal of 80 columns, whatever their reasons and operations are."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta

from contracts.reasons import Reason
from contracts.registry import EVENT_TYPES
from worker.admin.views import DeadLetterRow
from worker.cli.commands.dead_letters.tables import print_list
from worker.journal.claims import LetterState

OPERATIONS = sorted({one.operation for one in EVENT_TYPES.values()})


def row(reason, operation):
    died = datetime.now(UTC) - timedelta(days=400)
    letter, sender = str(uuid.uuid4()), "/hospitals/example/a-rather-long-name/his"
    where = ("herald.nhis.dead-letters", "herald.nhis.submissions", 3, 42)
    return DeadLetterRow(
        letter, reason, "d", "nhis", operation, "dr-ivanova", sender, "2025-000124", died, LetterState.DISCARDED,
        2, None, *where,
    )  # fmt: skip


def test_each_is_one_line_of_80_columns(terminal):
    rows = [
        row(reason, operation) for reason in Reason for operation in (OPERATIONS[0], max(OPERATIONS, key=len))
    ]
    lines = terminal(80, print_list, rows).splitlines()
    assert len(lines) == len(rows) + 1
    assert max(map(len, lines)) <= 80
    assert all(one.id[:8] in line for one, line in zip(rows, lines[1:], strict=True))
    assert "400 d ago" in lines[1]


def test_a_wide_terminal_has_ids_and_times_in_full(terminal):
    one = row(Reason.CONFLICT, OPERATIONS[0])
    seen = terminal(250, print_list, [one])
    assert one.id in seen
    assert one.source in seen
    assert f"{one.created_at:%Y-%m-%d %H:%M:%S}" in seen
