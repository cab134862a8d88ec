"""What SHEP's package reads from files besides keys, and how it uses what has changed."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Protocol

from worker.reloading.reloadable import Reloadable, in_thread
from worker.systems.kz_shep.operations import SYSTEM
from worker.systems.kz_shep.senders import load_sender
from worker.systems.kz_shep.trust import read_pins
from worker.systems.reloads import ca_file, section
from worker.transport.tls import client_context

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime
    from ssl import SSLContext

    from worker.reloading.reloadable import Apply
    from worker.systems.kz_shep.senders import Sender
    from worker.systems.kz_shep.settings import KzShepSettings, ShepSender
    from worker.systems.kz_shep.trust import Pin


class Uses(Protocol):
    """What takes the new content."""

    def use_sender(self, name: str, sender: Sender) -> None:
        """Use another password."""

    def use_pins(self, pins: Sequence[Pin]) -> None:
        """Use other pinned certificates."""


def reloadables(
    settings: KzShepSettings,
    uses: Uses,
    renew: Callable[[SSLContext], None],
    now: Callable[[], datetime],
) -> list[Reloadable]:
    """Return the CA file, the pinned certificates and the senders' passwords.

    ``renew`` lets the client use another context.
    """

    def trust() -> Apply:
        return partial(renew, client_context(settings.transport.ca_file))

    def pins() -> Apply:
        return partial(uses.use_pins, read_pins(settings, now()))

    found = ca_file(SYSTEM, settings.transport.ca_file, trust)
    if settings.pinned_certificates:
        subject = f"{section(SYSTEM)}.pinned_certificates"
        found.append(Reloadable(subject, settings.pinned_certificates, in_thread(pins), SYSTEM))
    return found + [
        Reloadable(
            f"{section(SYSTEM)}.senders.{name}",
            (one.password_file,),
            in_thread(partial(_sender, uses, name, one)),
            SYSTEM,
            name,
        )
        for name, one in settings.senders.items()
        if one.password_file is not None
    ]


def _sender(uses: Uses, name: str, settings: ShepSender) -> Apply:
    return partial(uses.use_sender, name, load_sender(settings))
