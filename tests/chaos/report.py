"""The report of a run: one line of JSON for programs, sentences for a person who must find out why."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tests.chaos.audit import answered, audit, copies, held, owed
from tests.chaos.egov.audit import asynchronous
from tests.chaos.evidence import Evidence
from tests.chaos.finding import Count, Finding

SHOWN = 20
"""The most findings of each count that are printed."""


@dataclass(frozen=True, slots=True)
class Report:
    """The end of a run."""

    evidence: Evidence
    findings: Sequence[Finding]
    faults: Mapping[str, int]
    seconds: float
    seed: int

    @classmethod
    def of(cls, evidence: Evidence, faults: Mapping[str, int], seconds: float, seed: int) -> Report:
        """Audit the evidence."""
        return cls(evidence, audit(evidence), faults, seconds, seed)

    @property
    def good(self) -> bool:
        """Whether every promise was kept."""
        return not self.findings

    def document(self) -> dict[str, object]:
        """Return what the last line of the output says."""
        wrong = Counter(finding.count for finding in self.findings)
        return {
            "submissions": len(owed(self.evidence)),
            "answered": len(answered(self.evidence)),
            **{count.value: wrong[count] for count in Count},
            "held": len(held(self.evidence)),
            "asynchronous": len(asynchronous(self.evidence)),
            "notifications": len(
                {one.id for one in (*self.evidence.egov.notifications, *self.evidence.letters.notices)}
            ),
            "messages_sent": len(self.evidence.letters.sent),
            "messages_opened": len(self.evidence.letters.opened),
            "files": len(self.evidence.letters.stored),
            "copies": copies(self.evidence),
            "faults": dict(sorted(self.faults.items())),
            "seconds": round(self.seconds, 1),
            "seed": self.seed,
        }

    def line(self) -> str:
        """Return it as one line."""
        return json.dumps(self.document())

    def sentences(self) -> list[str]:
        """Return what is wrong, one finding a line, and how the answers were."""
        kinds = Counter(reply.kind for reply in self.evidence.replies)
        told = ", ".join(f"{number} {kind}" for kind, number in sorted(kinds.items()))
        lines = [f"{len(self.evidence.sent)} records published; replies with repeats: {told or 'none'}"]
        for count in Count:
            found = [finding for finding in self.findings if finding.count is count]
            lines += [str(finding) for finding in found[:SHOWN]]
            if len(found) > SHOWN:
                lines.append(f"{count.value}: and {len(found) - SHOWN} more")
        return lines
