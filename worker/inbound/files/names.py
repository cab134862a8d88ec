"""The name of an uploaded file, as its request states it. Pure. Raises Refusal.

A file's name may say who the patient is. Proxies and servers log addresses and seldom headers, so the header
Content-Disposition (RFC 6266) counts before the parameter `name`, which remains for clients that cannot send it.
"""

from __future__ import annotations

import warnings
from http import HTTPStatus

from aiohttp import (
    BadContentDispositionHeader,
    BadContentDispositionParam,
    content_disposition_filename,
    parse_content_disposition,
)

from worker.inbound.files.answers import Refusal

LONGEST_NAME = 200
_FORM = (
    'Correct the header Content-Disposition: attachment; filename="letter.pdf", and for a name with other characters '
    "than ASCII filename*=UTF-8'' with the name percent-encoded."
)


def name_of(disposition: str | None, parameter: str | None) -> str | None:
    """Return the name that the header states, otherwise the parameter's; None where neither states one."""
    name = (None if disposition is None else _filename(disposition)) or parameter or None
    if name is not None and (len(name) > LONGEST_NAME or not name.isprintable()):
        raise Refusal(
            HTTPStatus.BAD_REQUEST,
            f"The file's name (filename in Content-Disposition, or the parameter name) has at most {LONGEST_NAME} "
            "printable characters.",
        )
    return name


def _filename(disposition: str) -> str | None:
    # aiohttp warns of what is malformed, and its warnings quote the header: none may be printed.
    with warnings.catch_warnings(record=True) as found:
        warnings.simplefilter("always")
        kind, parameters = parse_content_disposition(disposition)
    malformed = any(
        isinstance(one.message, BadContentDispositionHeader | BadContentDispositionParam) for one in found
    )
    if malformed or kind != "attachment":
        raise Refusal(HTTPStatus.BAD_REQUEST, _FORM)
    return content_disposition_filename(parameters)
