"""The signers of a configuration, as the worker and every command load them.

What a token or provider refused is remembered in the journal, whoever tried it: a command that is run three times with
a wrong PIN would lock a token as surely as three workers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from worker.journal.refused_secrets import RefusedSecretsJournal
from worker.signing.registry import load_signers

if TYPE_CHECKING:
    from collections.abc import Container

    from worker.pipeline.ports import Clock
    from worker.settings.model import Settings
    from worker.signing.registry import Signers


def loaded_signers(settings: Settings, clock: Clock, *, only: Container[str | None] | None = None) -> Signers:
    """Load the configured signers, or those of the names in ``only``. Asks nobody, the journal neither.

    Raises ConfigurationError where the trust anchors cannot be read.
    """
    wanted = {name: one for name, one in settings.signers.items() if only is None or name in only}
    refused = RefusedSecretsJournal(settings.journal, clock)
    return load_signers(wanted, clock=clock.now, signing=settings.signing, refused=refused.of)
