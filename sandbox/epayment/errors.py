"""How a call can fail with an HTTP status; each message is what the body states."""

from __future__ import annotations

UNPARSED = (
    "An error occurred when attempting to parse data. Please ensure that POST data is in correct format."
)
UNPARSED_EXTENDED = "request body can not be deserialize, please take a look of your request data parameters"


class BadRequest(Exception):
    """400 with this message."""

    def __init__(self, message: str = UNPARSED) -> None:
        super().__init__(message)
        self.message = message


class ServerError(Exception):
    """500: the server's code fails at this place, and states nothing about it."""


class Unreadable(ValueError):
    """A value is not what its field may hold."""
