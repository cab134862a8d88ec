"""GOST R 34.10-2012 with 512 bits and Streebog-512, which Kazakhstan calls GOST 2015: checking signatures only.

Slow, and not in constant time: no secret ever comes here. Whoever signs uses certified software (docs/signing.md).
The curve is tc26-gost-3410-12-512-paramSetA (RFC 7836), on which NCA's 1.2.398.3.10.1.1.2.2.1 lies. Numbers stand
in bytes with the lowest first, as NCA's software writes them.
"""

from __future__ import annotations

from typing import TypeAlias

from gostcrypto import gosthash

SIZE = 64
"""The bytes of a number: a digest is one, a public key and a signature are two."""

P = 2**512 - 569
A = P - 3
B = int(
    "e8c2505dedfc86ddc1bd0b2b6667f1da34b82574761cb0e879bd081cfd0b6265"
    "ee3cb090f30d27614cb4574010da90dd862ef9d4ebee4761503190785a71c760",
    16,
)
Q = int(
    "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
    "27e69532f48d89116ff22b8d4e0560609b4b38abfad2b85dcacdb1411f10b275",
    16,
)
"""The number of points, a prime: every point of the curve is of this order."""
BASE = (
    3,
    int(
        "7503cfe87a836ae3a61b8816e25450e6ce5e1c93acf1abc1778064fdcbefa921"
        "df1626be4fd036e93d75e6a50e3a41e98028fe5fc235f5b889a589cb5215f2a4",
        16,
    ),
)

Affine: TypeAlias = tuple[int, int]
Jacobian: TypeAlias = tuple[int, int, int]
"""(X, Y, Z) for the point (X/Z², Y/Z³); Z = 0 for the point at infinity."""
_INFINITY: Jacobian = (1, 1, 0)


def streebog512(data: bytes) -> bytes:
    """Return the hash of GOST R 34.11-2012 with 512 bits."""
    return bytes(gosthash.new("streebog512", data=bytearray(data)).digest())


def on_curve(point: Affine) -> bool:
    """Whether both coordinates are below P and satisfy the curve's equation."""
    x, y = point
    return x < P and y < P and (y * y - (x * x * x + A * x + B)) % P == 0


def verified(public_key: bytes, signature: bytes, data: bytes) -> bool:
    """Whether the signature over `data` is by this key (GOST R 34.10-2012, 6.2). Both have 128 bytes."""
    if len(public_key) != 2 * SIZE or len(signature) != 2 * SIZE:
        return False
    key, (r, s) = _numbers(public_key), _numbers(signature)
    if not on_curve(key) or not (0 < r < Q and 0 < s < Q):
        return False
    e = int.from_bytes(streebog512(data), "little") % Q or 1
    v = pow(e, -1, Q)
    point = sum_of_multiples(s * v % Q, BASE, -r * v % Q, key)
    return point is not None and point[0] % Q == r


def _numbers(data: bytes) -> tuple[int, int]:
    return int.from_bytes(data[:SIZE], "little"), int.from_bytes(data[SIZE:], "little")


def sum_of_multiples(m: int, a: Affine, n: int, b: Affine) -> Affine | None:
    """Return m·a + n·b in one pass over the bits of both (Shamir's trick), None for the point at infinity."""
    first, second = (*a, 1), (*b, 1)
    choices = (_INFINITY, first, second, _add(first, second))
    total = _INFINITY
    for bit in range(max(m.bit_length(), n.bit_length()) - 1, -1, -1):
        total = _double(total)
        total = _add(total, choices[(m >> bit & 1) | (n >> bit & 1) << 1])
    x, y, z = total
    if z == 0:
        return None
    inverse = pow(z, -1, P)
    return x * inverse * inverse % P, y * inverse * inverse * inverse % P


def _double(point: Jacobian) -> Jacobian:
    """Return the doubled point (formulas dbl-2001-b, for A = -3)."""
    x, y, z = point
    delta, gamma = z * z % P, y * y % P
    beta = x * gamma % P
    alpha = 3 * (x - delta) * (x + delta) % P
    x3 = (alpha * alpha - 8 * beta) % P
    return x3, (alpha * (4 * beta - x3) - 8 * gamma * gamma) % P, 2 * y * z % P


def _add(left: Jacobian, right: Jacobian) -> Jacobian:
    """Return the sum of any two points."""
    (x1, y1, z1), (x2, y2, z2) = left, right
    if z1 == 0:
        return right
    if z2 == 0:
        return left
    z1z1, z2z2 = z1 * z1 % P, z2 * z2 % P
    u1, s1 = x1 * z2z2 % P, y1 * z2 * z2z2 % P
    h, r = (x2 * z1z1 - u1) % P, (y2 * z1 * z1z1 - s1) % P
    if h == 0:
        return _double(left) if r == 0 else _INFINITY
    hh = h * h % P
    hhh, v = h * hh % P, u1 * hh % P
    x3 = (r * r - hhh - 2 * v) % P
    return x3, (r * (v - x3) - s1 * hhh) % P, z1 * z2 * h % P
