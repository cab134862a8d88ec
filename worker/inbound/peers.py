"""Who calls: the address of the connection, or what a trusted proxy says of it."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Collection
    from ipaddress import IPv4Network

    Network: TypeAlias = IPv4Network | IPv6Network

Address: TypeAlias = IPv4Address | IPv6Address
MOST_HOPS = 20
"""Addresses of an X-Forwarded-For that are looked at, from its end."""
UNKNOWN = "unknown"


def peer_of(remote: str | None, forwarded: str | None, trusted: Collection[Network]) -> str:
    """Return the caller's address: the last one in the chain that no trusted proxy has.

    ``forwarded`` is the value of X-Forwarded-For, whose last entry the nearest proxy added. It counts only where the
    connection comes from a trusted proxy; what a caller wrote there itself stands before, and is never reached.
    """
    nearest = _address(remote or "")
    if nearest is None:
        return UNKNOWN
    hops = (forwarded or "").split(",")[-MOST_HOPS:] if forwarded else []
    while hops and is_among(nearest, trusted):
        further = _address(hops.pop())
        if further is None:
            break
        nearest = further
    return str(nearest)


def is_among(address: Address | None, networks: Collection[Network]) -> bool:
    """Whether the address is in one of the networks."""
    return address is not None and any(address.version == one.version and address in one for one in networks)


def is_trusted(remote: str | None, trusted: Collection[Network]) -> bool:
    """Whether a connection's address is that of a trusted proxy."""
    return is_among(_address(remote or ""), trusted)


def counted_as(peer: str) -> str:
    """Return what limits count an address as: of IPv6 its /64 network, which one caller has as a whole."""
    address = _address(peer)
    if isinstance(address, IPv6Address):
        return str(IPv6Network((address, 64), strict=False))
    return peer


def _address(text: str) -> Address | None:
    """Read an address, also with a port or in brackets, as proxies write it. IPv4 in IPv6 is IPv4."""
    plain = text.strip()
    if plain.startswith("["):
        plain = plain[1:].partition("]")[0]
    elif plain.count(":") == 1:
        plain = plain.partition(":")[0]
    try:
        address = ip_address(plain.partition("%")[0])
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address
