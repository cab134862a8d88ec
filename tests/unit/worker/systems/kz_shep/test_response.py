"""What a fault of SHEP means."""

from __future__ import annotations

import pytest

from contracts.reasons import Reason
from tests.support.systems.kz_shep.answers import (
    envelope,
    error,
    fault,
)
from tests.support.systems.kz_shep.reading import nested
from worker.outcome import Blocked, Unknown
from worker.systems.kz_shep.settings import FaultCodes

ACCESS, CONFIGURATION, SERVER = Reason.ACCESS_DENIED, Reason.CONFIGURATION, Reason.SERVER_ERROR
FAULTS = [
    *(("operator", fault(error(code)), 500, Blocked, ACCESS) for code in ("SCE004", "SCE005", "SCE015")),
    *(
        ("permanent", fault(error(code)), 500, Blocked, CONFIGURATION)
        for code in ("SCE001", "SCE006", "SCE007", "SCE016", "SCE017")
    ),
    ("transient", fault(error("SCE909")), 500, Unknown, SERVER),
    ("transient, as a 4xx", fault(error("SCE909")), 400, Unknown, SERVER),
    ("unknown code", fault(error("SCE777")), 500, Unknown, SERVER),
    ("unknown code, as a 4xx", fault(error("SCE777")), 400, Blocked, CONFIGURATION),
    ("with 200", fault(error("SCE001")), 200, Blocked, CONFIGURATION),
    ("the cause inside", fault(error("SCE909", error("SCE005"))), 500, Blocked, ACCESS),
    (
        "after another child",
        fault(error("SCE005")).replace("<detail>", "<detail><stack/>"),
        500,
        Blocked,
        ACCESS,
    ),
    (
        "wrapped",
        fault(error("SCE005")).replace("<detail>", "<detail><w>").replace("</detail>", "</w></detail>"),
        500,
        Blocked,
        ACCESS,
    ),
    (
        "after too many",
        fault(error("SCE005")).replace("<detail>", "<detail>" + "<x/>" * 1000),
        500,
        Unknown,
        SERVER,
    ),
    ("bare", fault(sentence="java.lang.NullPointerException"), 500, Unknown, SERVER),
    ("bare, refused", fault(sentence="WS-SECURITY is not valid"), 500, Blocked, CONFIGURATION),
    ("nil detail", fault(""), 500, Unknown, SERVER),
    ("an empty fault", envelope("<soap:Fault/>"), 500, Unknown, SERVER),
    ("50 deep", fault(nested([f"X{n}" for n in range(50)])), 500, Unknown, SERVER),
    (
        "50 deep, the cause at the end",
        fault(nested([*(f"X{n}" for n in range(49)), "SCE001"])),
        500,
        Unknown,
        SERVER,
    ),
]


@pytest.mark.parametrize(
    ("body", "status_code", "kind", "reason"), [row[1:] for row in FAULTS], ids=[row[0] for row in FAULTS]
)
def test_faults(read, body, status_code, kind, reason):
    outcome = read(body, status_code)
    assert (type(outcome), outcome.reason) == (kind, reason)


SOAP_12 = "http://www.w3.org/2003/05/soap-envelope"


@pytest.mark.parametrize(
    ("inside", "kind", "reason"),
    [
        (f"<soap:Detail>{error('SCE005')}</soap:Detail>", Blocked, ACCESS),
        (
            '<soap:Reason><soap:Text xml:lang="ru">WS-SECURITY is not valid</soap:Text><soap:Text/></soap:Reason>',
            Blocked,
            CONFIGURATION,
        ),
        ("<soap:Reason/>", Unknown, SERVER),
    ],
)
def test_faults_of_soap_1_2(read, inside, kind, reason):
    code = "<soap:Code><soap:Value>soap:Receiver</soap:Value></soap:Code>"
    outcome = read(envelope(f"<soap:Fault>{code}{inside}</soap:Fault>", soap=SOAP_12), 500)
    assert (type(outcome), outcome.reason) == (kind, reason)


def test_a_fault_tells_its_codes_and_no_text(read):
    outcome = read(fault(error("SCE909", error("ИИН 720315200006", error("SCE005")))), 500)
    assert outcome.detail.endswith("SCE909, ?, SCE005")
    assert "720315200006" not in repr(outcome)


def test_meanings_of_faults_are_settings(read):
    codes = FaultCodes(permanent=set(), operator={"X1"}, transient={"SCE001"}, refusals=[])
    assert read(fault(error("X1")), 500, fault_codes=codes).reason is ACCESS
    assert read(fault(error("SCE001")), 400, fault_codes=codes).reason is SERVER
    assert isinstance(read(fault(sentence="WS-SECURITY is not valid"), 500, fault_codes=codes), Unknown)


# --- whatever comes ---
