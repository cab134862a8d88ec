"""epdeau: the addresses and their parameters; the content is invented and says so."""

from __future__ import annotations

import pytest


@pytest.mark.parametrize(
    ("path", "query", "operation"),
    [
        ("provider/suppliers", {"format": "json"}, "suppliers"),
        ("provider/get-supplier", {"code": "9901"}, "supplier"),
        ("provider/service", {"supplierEIK": "999000010"}, "services"),
        ("provider/get-service", {"number": "990001"}, "service"),
        ("UserProfileService/GetEGOVUserContactData", {"identifier": "5523056031"}, "contact"),
        (
            "UserProfileService/GetEGOVUserAdministrationsAuthorization",
            {"personalIdentifier": "5523056031"},
            "authorization",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_questions(world, path, query, operation):
    status, content = world.call("GET", f"/epdeau/{path}", query=query)
    assert (status, content["invented"]) == (200, True)
    assert [one["operation"] for one in world.ledger("epdeau")] == [operation]
    assert "5523056031" not in str(world.gateway.ledger())


def test_what_is_invented_belongs_together(world):
    eik = world.call("GET", "/epdeau/provider/get-supplier", query={"code": "9901"})[1]["supplier"]["eik"]
    services = world.call("GET", "/epdeau/provider/service", query={"supplierEIK": eik})[1]["services"]
    assert [one["number"] for one in services] == ["990001", "990002"]
    assert world.call("GET", "/epdeau/provider/get-service", query={"number": "1"})[1]["service"] is None


@pytest.mark.parametrize(("path", "status"), [("provider/get-supplier", 400), ("provider/other", 404)])
def test_what_cannot_be_answered(world, path, status):
    assert world.call("GET", f"/epdeau/{path}")[0] == status
    assert world.ledger("epdeau") == []
