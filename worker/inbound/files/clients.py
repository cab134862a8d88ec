"""Who asks: the bearer of a signed address, or a client certificate that the settings know."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256

from contracts.immutable import immutable
from worker.plain_pattern import PlainPattern, compiled, fits_any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from worker.inbound.files.settings import FileClient

SIGNED = "signed address"
"""What the audit and the limits call whoever has one."""


@immutable
class Visitor:
    """Who asks, and of which sources files are its own; None where a signed address already says which file."""

    name: str
    sources: Sequence[PlainPattern] | None = None

    def owns(self, source: str | None) -> bool:
        """Whether a file of this source is its own."""
        return self.sources is None or (source is not None and fits_any(self.sources, source))

    @property
    def only_source(self) -> str | None:
        """Its one source, where it has one and no pattern of several."""
        texts = [one.text for one in self.sources or ()]
        return texts[0] if len(texts) == 1 and "*" not in texts[0] else None


class Clients:
    """The systems that are known by their certificates."""

    def __init__(self, clients: Mapping[str, FileClient]) -> None:
        self._by_fingerprint: dict[str, Visitor] = {}
        self._by_subject: dict[str, Visitor] = {}
        for name, client in clients.items():
            visitor = Visitor(name, compiled(client.sources))
            for fingerprint in client.fingerprints:
                self._by_fingerprint[fingerprint.replace(":", "").lower()] = visitor
            if client.subject is not None:
                self._by_subject[client.subject] = visitor

    def of(self, certificate: bytes) -> Visitor | None:
        """Return the client with this certificate (DER), which TLS has verified; None for an unknown one."""
        try:
            read = x509.load_der_x509_certificate(certificate)
            subject = read.subject.rfc4514_string()
        except ValueError:
            return None
        return self._by_fingerprint.get(read.fingerprint(SHA256()).hex()) or self._by_subject.get(subject)
