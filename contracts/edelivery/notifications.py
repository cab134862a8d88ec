"""The data of notifications: what arrives in the inboxes that Herald watches."""

from __future__ import annotations

from contracts.edelivery.results import MessageSummary


class MessageArrived(MessageSummary):
    """A message is in the inbox. Its content is not here: reading it is a receipt, which `message.open` asks for.

    Neither is who opened it, and when: a later look would state something else of the same message.
    """

    watch: str
    """The inbox, by the name that the operator's settings give it."""
    signer: str
    """Whose inbox it is: the signer that can open the message."""
