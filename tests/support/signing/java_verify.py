"""Verification of signed documents by Java's own implementation (javax.xml.crypto.dsig), with its secure validation."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

SOURCE = Path(__file__).parent / "java" / "VerifySignatures.java"
OPTIONS = ("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:-UsePerfData", "-Xmx128m")


def verdicts(documents: Mapping[str, tuple[bytes, x509.Certificate]], folder: Path) -> dict[str, str]:
    """Return what Java says about each document (see VerifySignatures.java), by the certificate beside it.

    The names are names of files, which are written into ``folder``. One Java process, of version 17 or newer, takes
    all of them: its start costs more than the signatures. Raises CalledProcessError where Java fails.
    """
    for name, (document, certificate) in documents.items():
        (folder / f"{name}.xml").write_bytes(document)
        (folder / f"{name}.pem").write_bytes(certificate.public_bytes(Encoding.PEM))
    done = subprocess.run(
        ["java", *OPTIONS, SOURCE, folder],
        env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    said = dict(line.split("\t", 1) for line in done.stdout.splitlines())
    assert said.keys() == documents.keys(), done.stdout
    return said
