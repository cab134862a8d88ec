"""Types and defaults of settings in an operator's words."""

from __future__ import annotations

import re
from enum import Enum
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from types import NoneType, UnionType
from typing import TYPE_CHECKING, Annotated, Literal, Union, get_args, get_origin

from pydantic import AnyUrl, ByteSize, HttpUrl, IPvAnyNetwork, SecretStr

if TYPE_CHECKING:
    from collections.abc import Mapping

WORDS: Mapping[object, str] = {
    str: "text",
    bool: "true or false",
    int: "whole number",
    float: "number",
    Path: "path",
    SecretStr: "secret, by variable only",
    ByteSize: "size",
    HttpUrl: "URL",
    IPvAnyNetwork: "network",
    re.Pattern: "regular expression",
    IPv4Network: "network of IPv4",
    IPv6Network: "of IPv6",
}


def unwrapped(annotation: object) -> object:
    """Return the type without its rules and without None."""
    origin = get_origin(annotation)
    if origin is Annotated:
        return unwrapped(get_args(annotation)[0])
    if origin in (Union, UnionType):
        members = [member for member in get_args(annotation) if member is not NoneType]
        return unwrapped(members[0]) if len(members) == 1 else annotation
    return annotation


def kind_of(annotation: object) -> str:
    """Return the type in words. Raises TypeError for one that has none yet."""
    kind = unwrapped(annotation)
    origin, arguments = get_origin(kind), get_args(kind)
    if origin in (Union, UnionType):
        return " or ".join(map(kind_of, arguments))
    if origin is Literal:
        return ", ".join(f"`{choice}`" for choice in arguments)
    if origin in (tuple, list, frozenset, set):
        return f"list of {kind_of(arguments[0])}"
    if origin is dict:
        return f"mapping to {kind_of(arguments[1])}"
    if isinstance(kind, type) and issubclass(kind, Enum):
        return ", ".join(f"`{member.value}`" for member in kind)
    word = WORDS.get(origin or kind)
    if word is None:
        raise TypeError(f"no words for {kind}")
    return word


def default_of(value: object) -> str:
    """Return a default in Markdown; empty for none."""
    if value is None or value in ((), [], {}, frozenset()):
        return ""
    if isinstance(value, tuple | list | frozenset):
        return ", ".join(
            sorted(map(default_of, value)) if isinstance(value, frozenset) else map(default_of, value)
        )
    return f"`{_plain(value)}`"


def _plain(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, ByteSize):
        return value.human_readable().replace(".0", "")
    if isinstance(value, re.Pattern):
        return str(value.pattern)
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, float | AnyUrl | str | int):
        return f"{value:g}" if isinstance(value, float) else str(value)
    raise TypeError(f"no words for a default of {type(value).__name__}")
