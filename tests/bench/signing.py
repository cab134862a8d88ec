"""What a signature costs, against the RSA operation that nobody can avoid: `python -m tests.bench.signing`.

Prints a table for people and, as the last line, one JSON document. Compare the ratios of CPU: other programs change
the time on the wall. Between machines even those differ, because some processors make RSA signatures much faster than
others, and all else hardly. The shape of the call is the worker's: one coroutine, awaited.
"""

from __future__ import annotations

import asyncio
import copy
import json
import logging
import statistics
import time
from typing import NamedTuple

from lxml import etree
from signxml import CanonicalizationMethod, XMLSigner, methods

from tests.support.signing.certificates import Issued, issue, key_usage
from tests.support.signing.signers import file_key
from tests.support.systems.kz_shep.soap import SOAP
from worker.signing.algorithms import SignatureAlgorithm
from worker.signing.checked import CheckedSigner
from worker.signing.wsse.sign import sign_body
from worker.signing.xmldsig import sign_enveloped

ROUNDS = 15
SECONDS_PER_ROUND = 0.1


def message(size: int) -> etree._Element:
    """Build an NHIS-like message of about `size` bytes."""
    root = etree.Element("{https://www.his.bg}message", nsmap={"nhis": "https://www.his.bg"})
    contents = etree.SubElement(root, "{https://www.his.bg}contents")
    while len(etree.tostring(root)) < size:
        block = etree.SubElement(contents, "{https://www.his.bg}immunization")
        for name in ("lrn", "vaccineCode", "lotNumber", "note"):
            etree.SubElement(block, f"{{https://www.his.bg}}{name}", value="0123456789abcdef")
    return etree.fromstring(etree.tostring(root))


def envelope(content: etree._Element) -> etree._Element:
    """Put the message into a SOAP envelope."""
    root = etree.Element(f"{{{SOAP}}}Envelope", nsmap={"S": SOAP})
    etree.SubElement(root, f"{{{SOAP}}}Body").append(copy.deepcopy(content))
    return etree.fromstring(etree.tostring(root))


class Cost(NamedTuple):
    """Milliseconds for one operation."""

    wall_ms: float
    cpu_ms: float


async def measure(operations) -> dict[str, Cost]:
    """Return the medians of each operation; rounds take turns, so that a slow moment hits all alike."""
    costs: dict[str, list[Cost]] = {name: [] for name in operations}
    for _ in range(ROUNDS):
        for name, operation in operations.items():
            costs[name].append(await _round(operation))
    return {name: Cost(*map(statistics.median, zip(*seen, strict=True))) for name, seen in costs.items()}


async def _round(operation) -> Cost:
    count, start, cpu = 0, time.perf_counter(), time.process_time()
    while (elapsed := time.perf_counter() - start) < SECONDS_PER_ROUND:
        await operation()
        count += 1
    return Cost(elapsed / count * 1000, (time.process_time() - cpu) / count * 1000)


def fresh_key(doctor: Issued) -> CheckedSigner:
    """Return a key whose next signature is its first, which signxml verifies."""
    return file_key("bench", doctor)


def operations_to_measure() -> dict:
    doctor = issue("Bench", usage=key_usage(digital_signature=True))
    key = fresh_key(doctor)
    signer = XMLSigner(methods.enveloped, c14n_algorithm=CanonicalizationMethod.CANONICAL_XML_1_0)

    def operation(sign, root, get_key):
        async def run() -> None:
            await sign(root, get_key())

        return run

    async def bare(digest, _) -> None:
        SignatureAlgorithm.RSA_SHA256.sign(doctor.key, digest)

    def theirs(root):
        async def run() -> None:
            etree.tostring(signer.sign(root, key=doctor.key, cert=[doctor.certificate]))

        return run

    found = {"raw RSA-2048 sign": operation(bare, b"x" * 32, lambda: key)}
    for label, size in (("2 KB", 2_000), ("50 KB", 50_000)):
        root = message(size)
        found |= {f"signxml {label}": theirs(root)}
        for sign, document in ((sign_enveloped, root), (sign_body, envelope(root))):
            found[f"{sign.__name__} {label}"] = operation(sign, document, lambda: key)
            found[f"first {sign.__name__} {label}"] = operation(sign, document, lambda: fresh_key(doctor))
    return found


def main() -> None:
    logging.getLogger("signxml").setLevel(logging.WARNING)
    measured = asyncio.run(measure(operations_to_measure()))
    base = measured["raw RSA-2048 sign"]
    print(f"{'operation':<28}{'wall ms':>9}{'x RSA':>7}{'CPU ms':>9}{'x RSA':>7}")
    for name, (wall, cpu) in measured.items():
        print(f"{name:<28}{wall:>9.3f}{wall / base.wall_ms:>7.1f}{cpu:>9.3f}{cpu / base.cpu_ms:>7.1f}")
    print(json.dumps({name: cost._asdict() for name, cost in measured.items()}))


if __name__ == "__main__":
    main()
