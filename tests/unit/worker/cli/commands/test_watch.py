"""Watching what there is not is wrong use."""

from __future__ import annotations

import pytest

from tests.support.cli.commands import invoked
from worker.pipeline import routing


@pytest.mark.parametrize(
    ("options", "told"),
    [([], "No system has notifications."), (["--system", "nhis"], "nhis has no notifications.")],
    ids=["all", "one"],
)
def test_where_no_system_notifies_there_is_nothing_to_watch(monkeypatch, options, told):
    monkeypatch.setattr(routing, "NOTIFYING_SYSTEMS", ())
    monkeypatch.setattr(routing, "published_by", lambda _: ())
    done = invoked("watch", "--notifications", "--bootstrap", "127.0.0.1:1", *options)
    assert (done.code, told in done.err) == (2, True)
