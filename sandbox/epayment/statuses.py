"""The statuses of a payment request, and how each place of the interface spells them."""

from __future__ import annotations

from enum import StrEnum


class Status(StrEnum):
    """A status with the name that the server's code and its callbacks give it."""

    PENDING = "Pending"
    AUTHORIZED = "Authorized"
    ORDERED = "Ordered"
    PAID = "Paid"
    EXPIRED = "Expired"
    CANCELED = "Canceled"
    SUSPENDED = "Suspended"
    IN_PROCESS = "InProcess"

    @property
    def answered(self) -> str:
        """The spelling of the API's answers: the first letter is small."""
        return self.value[0].lower() + self.value[1:]
