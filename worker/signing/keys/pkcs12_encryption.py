"""Old encryption of PKCS#12 files (RC2, RC4, 3DES, DES): noticed without the password, and how to be rid of it.

OpenSSL 3 has most of it in a provider of its own, which some systems switch off: then such a file looks as if its
password were wrong.
"""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from worker.signing.settings import Pkcs12Signer

_PKCS12_PBE = bytes.fromhex("060a2a864886f70d010c01")
"""The identifiers of RFC 7292, appendix C, but for their last byte."""
_BY_LAST = {1: "RC4", 2: "RC4", 3: "3DES", 4: "3DES", 5: "RC2", 6: "RC2"}
_PBES1 = bytes.fromhex("06092a864886f70d0105")
"""Those of RFC 8018, A.3, but for their last byte."""
_PBES1_BY_LAST = {1: "DES", 3: "DES", 4: "RC2", 6: "RC2", 10: "DES", 11: "RC2"}


def old_encryption(data: bytes) -> str | None:
    """Return the old algorithms that a file names, None where it names none.

    The bytes are searched for the identifiers: what is encrypted holds them by chance only once in 2**80 places.
    """
    found = {*_named(data, _PKCS12_PBE, _BY_LAST), *_named(data, _PBES1, _PBES1_BY_LAST)}
    return " and ".join(sorted(found)) or None


def conversion(settings: Pkcs12Signer) -> str:
    """Return the command that writes the same content with AES-256 beside the file, never the key in the clear."""
    password = f"file:{settings.password_file or 'PASSWORD_FILE'}"
    old, new, words = (shlex.quote(str(one)) for one in (settings.file, f"{settings.file}.new", password))
    read = f"openssl pkcs12 -legacy -in {old} -passin {words}"
    # The key first: openssl reads what comes through a pipe once, and looks for the key before the certificates.
    return (
        f"{{ {read} -nocerts -noenc; {read} -nokeys; }} | openssl pkcs12 -export -out {new} -passout {words}"
    )


def _named(data: bytes, start: bytes, by_last: dict[int, str]) -> set[str]:
    found, at = set[str](), data.find(start)
    while at >= 0:
        last = data[at + len(start) : at + len(start) + 1]
        if last and (name := by_last.get(last[0])):
            found.add(name)
        at = data.find(start, at + 1)
    return found
