"""All configured signing identities, loaded together: each kind of settings by its backend."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Mapping, MutableMapping
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from worker.configuration_error import ConfigurationError
from worker.signing.backend import Context
from worker.signing.checked import CheckedSigner, checked
from worker.signing.gate.gate import CertificateGate, make_gate
from worker.signing.keys.pkcs12 import load_pkcs12
from worker.signing.ncanode.signer import load_ncanode
from worker.signing.pkcs11.building import Tokens
from worker.signing.refused_secrets import SecretsRefusedHere
from worker.signing.settings import NcanodeSettings

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from worker.signing.gate.settings import SigningSettings
    from worker.signing.port import DigestSigner, DocumentSigner, RefusedSecrets
    from worker.signing.settings import SignerSettings


class SignerLoader:
    """Makes the signer of a name and its settings. ``refused`` returns the memory of wrong secrets for a name."""

    def __init__(
        self, context: Context, gate: CertificateGate, refused: Callable[[str], RefusedSecrets] | None = None
    ) -> None:
        self.gate = gate
        self._context = context
        self._refused = refused
        self._tokens = Tokens()

    def load(self, name: str, settings: SignerSettings) -> CheckedSigner | DocumentSigner:
        """Make it; nobody is asked yet. Raises ConfigurationError, whatever its files hold."""
        try:
            if isinstance(settings, NcanodeSettings):
                return load_ncanode(name, settings)
            signer = self._makers(name)[settings.kind](name, settings)
            return checked(signer, clock=self._context.clock, gate=self.gate)
        except (ConfigurationError, KeyboardInterrupt, SystemExit):
            raise
        except BaseException as defect:  # noqa: BLE001 - a parser's panic, too, must not end the process for the others
            raise ConfigurationError(f"it cannot be loaded ({type(defect).__name__})") from None

    def _makers(self, name: str) -> Mapping[str, Callable[[str, Any], DigestSigner]]:
        """Return what makes a signer, by its kind."""
        refused = self._refused(name) if self._refused else self._context.refused
        context = replace(self._context, refused=refused)
        return {
            "pkcs12": partial(load_pkcs12, clock=context.clock),
            "pkcs11": partial(self._tokens.make, context=context),
        }


@dataclass(frozen=True, slots=True)
class Signers:
    """The usable identities by name, and for each unusable one its problems as plain sentences.

    Both, and no exception: an unusable signer stops its own submissions and no others'. ``keys`` sign digests,
    ``documents`` whole documents. All three are live: a renewed signer takes the place of the earlier one.
    """

    keys: MutableMapping[str, CheckedSigner]
    documents: MutableMapping[str, DocumentSigner]
    problems: MutableMapping[str, tuple[str, ...]]
    loader: SignerLoader

    def sentences(self) -> list[str]:
        """Return all problems, each with its path in the settings."""
        return [f"signers.{name}: {one}" for name, found in self.problems.items() for one in found]

    def unusable(self) -> Mapping[str, str]:
        """Return a live view: what is wrong with each that could not be loaded, as one sentence."""
        return _Sentences(self.problems)

    def replace(self, name: str, signer: CheckedSigner | DocumentSigner) -> None:
        """Let this signer take the place of the earlier one, or of its problems."""
        if isinstance(signer, CheckedSigner):
            self.keys[name] = signer
        else:
            self.documents[name] = signer
        self.problems.pop(name, None)

    def note(self, name: str, problems: tuple[str, ...]) -> None:
        """Keep what is wrong with the new files of a signer that could not be loaded before either."""
        if name in self.problems:
            self.problems[name] = problems

    async def close(self) -> None:
        """Release the sessions and connections of all."""
        closing = [one.close() for one in self.keys.values()]
        await asyncio.gather(*closing, self.loader.gate.close(), return_exceptions=True)


class _Sentences(Mapping[str, str]):
    """Each signer's problems as one sentence."""

    def __init__(self, problems: Mapping[str, tuple[str, ...]]) -> None:
        self._problems = problems

    def __getitem__(self, name: str) -> str:
        return "; ".join(self._problems[name])

    def __iter__(self) -> Iterator[str]:
        return iter(self._problems)

    def __len__(self) -> int:
        return len(self._problems)


def load_signers(
    settings: Mapping[str, SignerSettings],
    *,
    clock: Callable[[], datetime],
    signing: SigningSettings | None = None,
    monotonic: Callable[[], float] = time.monotonic,
    refused: Callable[[str], RefusedSecrets] | None = None,
) -> Signers:
    """Load every identity; one that fails does not hide the problems of the next.

    Nobody is asked yet: remote signers and tokens are connected when they first sign. ``signing``: which certificates
    may sign, by default all by their own content. ``refused`` returns the memory of wrong secrets for a signer's
    name, by default one within this process alone. Raises ConfigurationError where the trust anchors cannot be read.
    """
    gate = CertificateGate(clock) if signing is None else make_gate(signing, clock)
    loader = SignerLoader(Context(clock, monotonic, SecretsRefusedHere()), gate, refused)
    keys: dict[str, CheckedSigner] = {}
    documents: dict[str, DocumentSigner] = {}
    problems: dict[str, tuple[str, ...]] = {}
    for name, one in settings.items():
        try:
            loaded = loader.load(name, one)
        except ConfigurationError as bad:
            problems[name] = bad.problems
            continue
        if isinstance(loaded, CheckedSigner):
            keys[name] = loaded
        else:
            documents[name] = loaded
    return Signers(keys, documents, problems, loader)
