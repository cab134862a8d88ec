"""Certificates that end soon, and chains."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.support.signing.certificates import NOW, YEAR, issue
from worker.admin.preflight import signer_policy as policy
from worker.admin.preflight.findings import Verdict

DAY = timedelta(days=1)
OK, WARN, FAIL = Verdict.OK, Verdict.WARN, Verdict.FAIL


@pytest.mark.parametrize(
    ("start", "end", "verdict", "words"),
    [
        (-YEAR, YEAR, OK, "365 days"),
        (-YEAR, 62 * DAY, OK, "62 days"),
        (-YEAR, 61 * DAY, WARN, "61 days"),
        (-YEAR, timedelta(hours=1), WARN, "0 days"),
        (-YEAR, -DAY, FAIL, "expired"),
        (DAY, YEAR, FAIL, "valid only from"),
    ],
)
def test_validity(start, end, verdict, words):
    certificate = issue("doctor", start=NOW + start, end=NOW + end).certificate
    found = policy.validity(certificate, NOW, "doctor")
    assert (found.verdict, words in found.detail, found.subject) == (verdict, True, "doctor")


ROOT = issue("root", authority=True)
BETWEEN = issue("between", authority=True, issuer=ROOT)
OLD = issue("between", authority=True, issuer=ROOT, end=NOW - DAY)
LEAF = issue("doctor", issuer=BETWEEN)


@pytest.mark.parametrize(
    ("chain", "verdict"),
    [
        ((LEAF, BETWEEN, ROOT), OK),
        ((LEAF, BETWEEN), WARN),
        ((LEAF,), WARN),
        ((LEAF, OLD, ROOT), FAIL),
        ((issue("alone"),), OK),
    ],
)
def test_chains(chain, verdict):
    assert policy.chain([one.certificate for one in chain], NOW, "doctor").verdict == verdict
