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

    Both, and no exception: an unusable signer stops its own submissions and no others'.
    """

    keys: Mapping[str, Pkcs12Key]
    documents: Mapping[str, DocumentSigner]
    problems: Mapping[str, tuple[str, ...]]

    def sentences(self) -> list[str]:
        """Return all problems, each with its path in the settings."""
        return [f"signers.{name}: {one}" for name, found in self.problems.items() for one in found]


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
        except (KeyboardInterrupt, SystemExit):
            raise
        except BaseException as defect:  # noqa: BLE001 - a parser's panic, too, must not end the process for the others
            problems[name] = (f"the file {signer.file} cannot be used ({type(defect).__name__})",)
    return Signers(keys, documents, problems)
