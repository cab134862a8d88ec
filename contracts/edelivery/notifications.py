"""The data of notifications: what arrives in the inboxes that Herald watches."""

from __future__ import annotations

from contracts.edelivery.results import MessageHead


class MessageArrived(MessageHead):
    """A message is in the inbox. Its content is not here: reading it is a receipt, which `message.open` asks for.

    Nor is what changes when somebody opens it: the inbox is read again and again, and must show the same.
    """

    watch: str
    """The inbox, by the name that the operator's settings give it."""
    signer: str
    """The signer that looked: it can open the message, unless it watches the inbox of somebody whom it represents."""
