"""Which parameter of the journal's address an error is about, by name and never by value. Pure."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, urlsplit

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.]{0,62}")
_SECRET = {"password", "sslpassword"}


def parameters_in_doubt(address: str, error: BaseException) -> tuple[str, ...]:
    """Return those parameters of the address that the error's text names; all of them where it names none.

    Nothing where a password that is not percent-encoded may have been read as parameters: it is not told in part.
    """
    try:
        query = urlsplit(address).query
        names = dict.fromkeys(name for name, _ in parse_qsl(query, keep_blank_values=True))
    except ValueError:
        return ()
    if "@" in query or _SECRET & names.keys() or not all(_NAME.fullmatch(name) for name in names):
        return ()
    words = set(_NAME.findall(str(error)))
    return tuple(name for name in names if name in words) or tuple(names)


def advice(address: str, error: BaseException) -> str:
    """Return which parameters to look at, as the end of a sentence; empty where none is known."""
    names = parameters_in_doubt(address, error)
    return f": check its parameter{'s' if len(names) > 1 else ''} {', '.join(names)}" if names else ""
