"""All configured signing identities, loaded together: each kind of settings by its backend."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Mapping, MutableMapping
from typing import TYPE_CHECKING, Any, TypeAlias

from contracts.immutable import immutable
from worker.configuration_error import ConfigurationError
from worker.signing.backend import Context
from worker.signing.btrust.signer import make as make_btrust
from worker.signing.checked import CheckedSigner, checked
from worker.signing.csc.signer import CscProviders
from worker.signing.gate.gate import CertificateGate, make_gate
from worker.signing.keys.pkcs12 import load_pkcs12
from worker.signing.ncanode.signer import load_ncanode
from worker.signing.pkcs11.building import Tokens
from worker.signing.refused_secrets import SecretsRefusedHere
from worker.signing.remote.batching import BatchingSigner, SignsBatches
from worker.signing.settings import NcanodeSettings
from worker.signing.vault.signer import make as make_vault

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from worker.signing.gate.settings import SigningSettings
    from worker.signing.port import DigestSigner, DocumentSigner, RefusedSecrets
    from worker.signing.settings import Pkcs12Signer, SignerSettings


_Maker: TypeAlias = "Callable[[str, Any, Context], DigestSigner]"
"""Makes the signer of a name and its settings. Raises ConfigurationError."""


def _file_key(name: str, settings: Pkcs12Signer, context: Context) -> DigestSigner:
    return load_pkcs12(name, settings, clock=context.clock)


class SignerLoader:
    """Makes the signer of a name and its settings."""

    def __init__(self, context_of: Callable[[str], Context], gate: CertificateGate) -> None:
        """``context_of`` returns what the backend of a signer's name is made with."""
        self.gate = gate
        self._context_of = context_of
        self._makers: Mapping[str, _Maker] = {
            "pkcs12": _file_key,
            "pkcs11": Tokens().make,
            "csc": CscProviders().make,
            "btrust-ars": make_btrust,
            "vault": make_vault,
        }

    def load(self, name: str, settings: SignerSettings) -> CheckedSigner | DocumentSigner:
        """Make it; nobody is asked yet. Raises ConfigurationError, whatever its files hold."""
        try:
            context = self._context_of(name)
            if isinstance(settings, NcanodeSettings):
                return load_ncanode(name, settings, clock=context.clock)
            return self._checked(self._makers[settings.kind](name, settings, context), context)
        except (ConfigurationError, KeyboardInterrupt, SystemExit):
            raise
        except BaseException as defect:  # noqa: BLE001 - a parser's panic, too, must not end the process for the others
            raise ConfigurationError(f"it cannot be loaded ({type(defect).__name__})") from None

    def _checked(self, signer: DigestSigner, context: Context) -> CheckedSigner:
        """Return the signer with its checks; at a provider one call signs the digests of several submissions."""
        if isinstance(signer, SignsBatches):
            return BatchingSigner(signer, self.gate, monotonic=context.monotonic)
        return checked(signer, clock=context.clock, gate=self.gate)


@immutable
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
    may sign, by default all by their own content. ``refused`` returns the memory of wrong secrets for a signer's name;
    by default it is within this process alone. Raises ConfigurationError where the trust anchors cannot be read.
    """
    gate = CertificateGate(clock) if signing is None else make_gate(signing, clock)
    here = SecretsRefusedHere()
    loader = SignerLoader(
        lambda name: Context(clock, monotonic, refused(name) if refused is not None else here), gate
    )
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
