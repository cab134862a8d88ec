"""What commands reach, and how they end where they cannot."""

from __future__ import annotations

import pytest
import typer

from tests.support.cli.commands import invoked
from worker.admin.errors import ActFailed
from worker.cli.access import kafka_of, run
from worker.cli.output import FAILED, WRONG_USE


async def act(error: Exception | None = None) -> str:
    if error:
        raise error
    return "done"


def test_what_an_act_did_is_returned():
    assert run(act()) == "done"


def test_an_act_that_failed_ends_the_command_with_its_sentence(capsys):
    with pytest.raises(typer.Exit) as ended:
        run(act(ActFailed("The journal has no dead letter d-1.")))
    assert ended.value.exit_code == FAILED
    assert capsys.readouterr().err == "The journal has no dead letter d-1.\n"


def test_a_defect_is_not_hidden():
    with pytest.raises(ZeroDivisionError):
        run(act(ZeroDivisionError()))


def test_an_address_alone_is_enough_to_reach_kafka():
    kafka = kafka_of(None, "kafka:9092", "test.")
    assert (kafka.bootstrap_servers, kafka.topic_prefix) == (("kafka:9092",), "test.")


@pytest.mark.parametrize("command", [("submit", "events.json"), ("watch",)])
@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--bootstrap", "nohost:x"), "--bootstrap: must be host:port"),
        (("--bootstrap", "nohost:x,other"), "--bootstrap: must be host:port"),
        (("--bootstrap", ""), "--bootstrap: must be host:port"),
        (("--bootstrap", "kafka:9092", "--prefix", "no spaces"), "--prefix: must be at most 150"),
    ],
)
def test_a_wrong_address_or_prefix_is_a_sentence(command, options, told):
    done = invoked(*command, *options)
    assert (done.code, done.err.count("\n")) == (WRONG_USE, 1), done
    assert done.err.startswith(told)
    assert "Value error" not in done.err
