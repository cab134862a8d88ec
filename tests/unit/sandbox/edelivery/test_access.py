"""Who calls eDelivery: by `Dp-Miscinfo` alone, as its parser reads it."""

from __future__ import annotations

import pytest

from tests.support.sandbox.edelivery.world import BRANCH_OID, CITIZEN, CLINIC, HOSPITAL, HOSPITAL_OID, PASSIVE

TAIL = "|representedPersonID:|correspondentOID:|operatorID:"
OWN = f"dn:/C=BG/ST=OID:{HOSPITAL_OID}/CN={HOSPITAL}"
MUNICIPALITY, OPERATOR = "999000301", "7024198015"


@pytest.fixture
def call(world):
    world.control("esb", {"inject": False})

    def call(miscinfo, path="target-groups", **query):
        headers = {} if miscinfo is None else {"dp-miscinfo": miscinfo}
        return world.call("GET", f"/ed2/api/{path}", headers=headers, query=query)

    return call


@pytest.mark.parametrize(
    "miscinfo",
    [
        OWN + TAIL,
        f"dn:/C=BG/ST=OID:{HOSPITAL_OID}/L=BG/CN={HOSPITAL}{TAIL}",
        f"dn:/c=BG/st=oid: {HOSPITAL_OID}/cn= {HOSPITAL}{TAIL}",
        f"{OWN}|representedPersonID:|correspondentOID:2222|operatorID=12345",
    ],
    ids=["plain", "with-locality", "other-case", "operator-without-colon"],
)
def test_headers_that_are_read(call, miscinfo):
    assert call(miscinfo)[0] == 200


@pytest.mark.parametrize(
    "miscinfo",
    [
        None,
        "",
        "dn:",
        OWN,
        f"dn:/C=BG/CN={HOSPITAL}{TAIL}",
        f"dn:/C=BG/ST=OID:{HOSPITAL_OID}{TAIL}",
        f"dn:/C=BG/ST=OID:1.2.3/CN={HOSPITAL}{TAIL}",
        f"dn:/C=BG/ST=OID:{BRANCH_OID}/CN={CLINIC}{TAIL}",
        f"{OWN}|representedPersonID:1111111110|correspondentOID:|operatorID:",
        f"{OWN}|representedPersonID:{CITIZEN}|correspondentOID:|operatorID:{OPERATOR}",
    ],
    ids=["none", "empty", "dn", "no-parts", "no-oid", "no-cn", "oid", "pair", "person", "operator"],
)
def test_headers_that_are_refused_without_a_word(call, miscinfo):
    assert call(miscinfo) == (401, None)


@pytest.mark.parametrize(
    ("represented", "operator", "status"),
    [
        (CITIZEN, "", 200),
        (CITIZEN, CITIZEN, 200),
        (PASSIVE, "", 200),
        (MUNICIPALITY, OPERATOR, 200),
        ("", "", 403),
    ],
)
def test_acting_for_somebody_else(call, represented, operator, status):
    miscinfo = f"{OWN}|representedPersonID:{represented}|correspondentOID:|operatorID:{operator}"
    assert call(miscinfo, "obo/messages/inbox")[0] == status


def test_who_may_not_act_for_others(call):
    miscinfo = f"dn:/C=BG/ST=OID:{BRANCH_OID}/CN={HOSPITAL}|representedPersonID:{CITIZEN}|c:|o:"
    assert call(miscinfo, "obo/messages/inbox") == (403, None)
    assert call(miscinfo, "messages/inbox")[0] == 200
