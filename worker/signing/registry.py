"""All configured signing identities, loaded together: each kind of settings by its backend."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from worker.configuration_error import ConfigurationError
from worker.signing.backend import Context
from worker.signing.checked import checked
from worker.signing.keys.pkcs12 import load_pkcs12
from worker.signing.ncanode.signer import load_ncanode
from worker.signing.pkcs11.building import Tokens
from worker.signing.refused_secrets import SecretsRefusedHere
from worker.signing.settings import NcanodeSettings

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from worker.signing.checked import CheckedSigner
    from worker.signing.port import DigestSigner, DocumentSigner, RefusedSecrets
    from worker.signing.settings import SignerSettings


@dataclass(frozen=True, slots=True)
class Signers:
    """The usable identities by name, and for each unusable one its problems as plain sentences.

    Both, and no exception: an unusable signer stops its own submissions and no others'. ``keys`` sign digests,
    ``documents`` whole documents.
    """

    keys: Mapping[str, CheckedSigner]
    documents: Mapping[str, DocumentSigner]
    problems: Mapping[str, tuple[str, ...]]

    def sentences(self) -> list[str]:
        """Return all problems, each with its path in the settings."""
        return [f"signers.{name}: {one}" for name, found in self.problems.items() for one in found]

    async def close(self) -> None:
        """Release the sessions and connections of all."""
        await asyncio.gather(*(one.close() for one in self.keys.values()), return_exceptions=True)


def load_signers(
    settings: Mapping[str, SignerSettings],
    *,
    clock: Callable[[], datetime],
    monotonic: Callable[[], float] = time.monotonic,
    refused: Callable[[str], RefusedSecrets] | None = None,
) -> Signers:
    """Load every identity; one that fails does not hide the problems of the next.

    Nobody is asked yet: remote signers and tokens are connected when they first sign. ``refused`` returns the memory
    of wrong secrets for a signer's name; by default it is within this process alone.
    """
    here, tokens = SecretsRefusedHere(), Tokens()
    keys: dict[str, CheckedSigner] = {}
    documents: dict[str, DocumentSigner] = {}
    problems: dict[str, tuple[str, ...]] = {}
    for name, signer in settings.items():
        try:
            if isinstance(signer, NcanodeSettings):
                documents[name] = load_ncanode(name, signer)
            else:
                context = Context(clock, monotonic, refused(name) if refused else here)
                keys[name] = checked(_makers(context, tokens)[signer.kind](name, signer), clock=clock)
        except ConfigurationError as bad:
            problems[name] = bad.problems
        except (KeyboardInterrupt, SystemExit):
            raise
        except BaseException as defect:  # noqa: BLE001 - a parser's panic, too, must not end the process for the others
            problems[name] = (f"it cannot be loaded ({type(defect).__name__})",)
    return Signers(keys, documents, problems)


def _makers(context: Context, tokens: Tokens) -> Mapping[str, Callable[[str, Any], DigestSigner]]:
    """Return what makes the signer of a name and its settings, by their kind. Those raise ConfigurationError."""
    return {
        "pkcs12": partial(load_pkcs12, clock=context.clock),
        "pkcs11": partial(tokens.make, context=context),
    }
