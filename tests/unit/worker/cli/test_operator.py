"""Who acts, by option and by environment."""

from __future__ import annotations

import getpass

import pytest
import typer

from worker.cli.operator import acting, operator_of


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({"HERALD_OPERATOR": "nurse"}, "nurse"),
        ({"HERALD_OPERATOR": "nurse", "KUBERNETES_SERVICE_HOST": "10.0.0.1"}, "nurse"),
        ({"HERALD_OPERATOR": " ", "KUBERNETES_SERVICE_HOST": "10.0.0.1"}, None),
        ({"KUBERNETES_SERVICE_HOST": "10.0.0.1"}, None),
        ({"KUBERNETES_SERVICE_HOST": ""}, getpass.getuser()),
        ({}, getpass.getuser()),
    ],
)
def test_the_environment_names_who_acts(variables, expected):
    assert operator_of(variables) == expected


def test_an_empty_name_is_nobodys(capsys, monkeypatch):
    assert acting(" nurse ") == "nurse"
    monkeypatch.setenv("HERALD_OPERATOR", "nurse")
    with pytest.raises(typer.Exit) as ended:
        acting("  ")
    assert ended.value.exit_code == 2
    assert "--by NAME" in capsys.readouterr().err
