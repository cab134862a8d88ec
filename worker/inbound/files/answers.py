"""What is answered in place of a file: a status and one plain sentence, which names no file and no source."""

from __future__ import annotations

from http import HTTPStatus

SENTENCES = {
    HTTPStatus.BAD_REQUEST: "The request is not what docs/files.md describes.",
    HTTPStatus.UNAUTHORIZED: "Show a client certificate, or use a signed address.",
    HTTPStatus.FORBIDDEN: "The client certificate is unknown, or the signed address is wrong or has expired.",
    HTTPStatus.NOT_FOUND: "There is no such file.",
    HTTPStatus.METHOD_NOT_ALLOWED: "Use GET or HEAD for a file, and POST to upload one.",
    HTTPStatus.REQUEST_TIMEOUT: "The file did not come in time.",
    HTTPStatus.GONE: "The file has expired, or was erased.",
    HTTPStatus.LENGTH_REQUIRED: "State the length of the file.",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "The file is larger than Herald takes.",
    HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE: "The file has no such part.",
    HTTPStatus.UNPROCESSABLE_ENTITY: "The bytes have another SHA-256 than was stated.",
    HTTPStatus.TOO_MANY_REQUESTS: "Too many requests: try again later.",
    HTTPStatus.INTERNAL_SERVER_ERROR: "A defect of Herald: its log says more.",
    HTTPStatus.SERVICE_UNAVAILABLE: "Files cannot be served at present: try again later.",
}
LATER = frozenset({HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE})


class Refusal(Exception):
    """The request is answered with this status. ``why`` says more in the place of the usual sentence."""

    def __init__(self, status: HTTPStatus, why: str | None = None, **headers: str) -> None:
        super().__init__(status)
        self.status = status
        self.sentence = why or SENTENCES[status]
        self.headers = headers
