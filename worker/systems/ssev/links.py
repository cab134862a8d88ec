"""Which links of an answer are followed: an answer may name any address, also one in the hospital's network. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Collection

_HTTPS_PORT = 443
_LONGEST = 4000


def is_allowed(link: str, hosts: Collection[str]) -> bool:
    """Whether a link is HTTPS to one of the hosts, each with its port where that is not 443. Total."""
    if len(link) > _LONGEST or not link.isascii() or not link.isprintable() or " " in link or "\\" in link:
        return False
    try:
        parts = urlsplit(link)
        host, port = parts.hostname, parts.port
    except ValueError:
        return False
    if parts.scheme != "https" or host is None or parts.username is not None or parts.password is not None:
        return False
    named = host if port in {None, _HTTPS_PORT} else f"{host}:{port}"
    return named in hosts or (port in {None, _HTTPS_PORT} and f"{host}:{_HTTPS_PORT}" in hosts)
