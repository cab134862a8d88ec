"""All configured signing identities, loaded together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from worker.configuration_error import ConfigurationError
from worker.signing.keys.pkcs12 import Pkcs12Key, load_pkcs12
from worker.signing.ncanode.signer import load_ncanode
from worker.signing.settings import NcanodeSettings

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from worker.signing.port import DocumentSigner
    from worker.signing.settings import SignerSettings


@dataclass(frozen=True, slots=True)
class Signers:
    """The usable identities by name, and for each unusable one its problems as plain sentences.

    Both, and no exception, so that the problems of signers and of systems can be told together.
    """

    keys: Mapping[str, Pkcs12Key]
    documents: Mapping[str, DocumentSigner]
    problems: Mapping[str, tuple[str, ...]]


def load_signers(settings: Mapping[str, SignerSettings], *, clock: Callable[[], datetime]) -> Signers:
    """Load every identity; one that fails does not hide the problems of the next."""
    keys: dict[str, Pkcs12Key] = {}
    documents: dict[str, DocumentSigner] = {}
    problems: dict[str, tuple[str, ...]] = {}
    for name, signer in settings.items():
        try:
            if isinstance(signer, NcanodeSettings):
                documents[name] = load_ncanode(name, signer)
            else:
                keys[name] = load_pkcs12(name, signer, clock=clock)
        except ConfigurationError as bad:
            problems[name] = bad.problems
    return Signers(keys, documents, problems)
