"""The register's envelope of answers: `{Result, Success, Errors}` in HTTP 200, and 401 in the same form."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from sandbox.erx import texts
from sandbox.erx.errors import BusinessError
from sandbox.pages import page
from sandbox.stand_in import Answer

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

JSON = "application/json"
FHIR_JSON = "application/fhir+json"
_OK, _BAD_REQUEST, _UNAUTHORIZED, _NOT_FOUND = 200, 400, 401, 404
_WORD_WITHIN = re.compile(r"(?<=[a-z])(?=[A-Z])")
_TEXTS = {_BAD_REQUEST: texts.INVALID_REQUEST, _UNAUTHORIZED: texts.UNAUTHORIZED}


def as_json(value: object) -> bytes:
    """Return the bytes; a text that is no Unicode (a lone surrogate) loses what cannot be written."""
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "replace")


class Envelope:
    """Makes answers in one language. ``new_id`` gives the errors' ids; ``camel`` writes names as `success`, `t3`."""

    def __init__(self, language: str, new_id: Callable[[], str], *, camel: bool = False) -> None:
        self._language = language
        self._new_id = new_id
        self._camel = camel

    def succeeded(self, result: object) -> Answer:
        """Return a success."""
        return self._enveloped({"Result": result, "Success": True, "Errors": []}, _OK, "success")

    def rejected(self, errors: Sequence[BusinessError], result: object = None) -> Answer:
        """Return business errors."""
        return self._enveloped(self._failure(errors, result), _OK, "business-error")

    def failed(self, status: int) -> Answer:
        """Return an error that is not of the business: 404 is a page of HTML, the others have the documents' texts."""
        if status == _NOT_FOUND:
            return page(status, "Not Found")
        error = BusinessError(_TEXTS.get(status, texts.INTERNAL))
        return self._enveloped(self._failure([error], None), status, None)

    def _enveloped(self, body: Mapping[str, Any], status: int, kind: str | None) -> Answer:
        return Answer(status, as_json(respelt(body) if self._camel else body), JSON, kind=kind)

    def _failure(self, errors: Sequence[BusinessError], result: object) -> dict[str, Any]:
        listed = [self._shown(error) for error in errors]
        return {"Result": result, "Success": False, "Errors": listed}

    def _shown(self, error: BusinessError) -> dict[str, str]:
        message = error.text.said(self._language, **error.values)
        given = {"Path": error.path, "Message": message, "Key": error.key, "Id": self._new_id()}
        return {name: value for name, value in given.items() if value is not None}


def respelt(value: Any) -> Any:
    """Return the value with the register's names in small letters (`resource-type`); FHIR's resources keep theirs."""
    if isinstance(value, dict):
        return {
            _small(name): inner if name == "Resource" else respelt(inner) for name, inner in value.items()
        }
    return [respelt(one) for one in value] if isinstance(value, list) else value


def _small(name: str) -> str:
    return _WORD_WITHIN.sub("-", name).lower()
