"""Errors as the specification words them."""

from __future__ import annotations

import json

from sandbox.stand_in import Answer

JSON = "application/json"


class Refused(Exception):
    """The request is answered with an error."""

    def __init__(self, code: str, description: str, status: int = 400) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.status = status


def invalid(description: str) -> Refused:
    """Return the error that hides most causes."""
    return Refused("invalid_request", description)


def unauthorized() -> Refused:
    """Return the refusal of an access token."""
    return Refused(
        "invalid_token", "The access token provided is expired, revoked, malformed or invalid", 401
    )


def written(refused: Refused, *, bare: bool) -> Answer:
    """Return the answer; ``bare``: in the form of a known provider that has a message alone."""
    content = (
        {"message": refused.description}
        if bare
        else {"error": refused.code, "error_description": refused.description}
    )
    return Answer(refused.status, json.dumps(content).encode(), JSON, kind=refused.code)
