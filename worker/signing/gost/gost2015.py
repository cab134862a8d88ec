"""GOST R 34.10-2012 with Streebog-512, which Kazakhstan calls GOST 2015: checking signatures only.

The code is slow and does not run in constant time, so it must never handle a private key: signing needs certified
software (docs/signing.md). Numbers are little-endian, as NCA's software writes them.
"""

from __future__ import annotations

from typing import TypeAlias

from contracts.immutable import immutable
from worker.signing.gost.streebog import streebog512

SIZE = 64
"""The bytes of one number. A digest is one number; a public key and a signature are two each."""

Affine: TypeAlias = tuple[int, int]
Jacobian: TypeAlias = tuple[int, int, int]
"""(X, Y, Z) for the point (X/Z², Y/Z³); Z = 0 for the point at infinity."""
_INFINITY: Jacobian = (1, 1, 0)


@immutable
class Curve:
    """y² = x³ + ax + b over the field of p. ``q`` is the number of its points, a prime, and ``base`` one of them."""

    p: int
    a: int
    b: int
    q: int
    base: Affine


# tc26-gost-3410-12-512-paramSetA (RFC 7836), which NCA calls 1.2.398.3.10.1.1.2.2.1.
_A_B = (
    "e8c2505dedfc86ddc1bd0b2b6667f1da34b82574761cb0e879bd081cfd0b6265"
    "ee3cb090f30d27614cb4574010da90dd862ef9d4ebee4761503190785a71c760"
)
_A_Q = (
    "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
    "27e69532f48d89116ff22b8d4e0560609b4b38abfad2b85dcacdb1411f10b275"
)
_A_Y = (
    "7503cfe87a836ae3a61b8816e25450e6ce5e1c93acf1abc1778064fdcbefa921"
    "df1626be4fd036e93d75e6a50e3a41e98028fe5fc235f5b889a589cb5215f2a4"
)
_A_P = 2**512 - 569
CURVE_512_A = Curve(_A_P, _A_P - 3, int(_A_B, 16), int(_A_Q, 16), (3, int(_A_Y, 16)))


def verified(public_key: bytes, signature: bytes, data: bytes) -> bool:
    """Whether the signature over `data` is by this key of CURVE_512_A. Key and signature have 128 bytes each."""
    if len(public_key) != 2 * SIZE or len(signature) != 2 * SIZE:
        return False
    digest = int.from_bytes(streebog512(data), "little")
    return agrees(CURVE_512_A, _numbers(public_key), _numbers(signature), digest)


def _numbers(data: bytes) -> tuple[int, int]:
    return int.from_bytes(data[:SIZE], "little"), int.from_bytes(data[SIZE:], "little")


def agrees(curve: Curve, key: Affine, signature: tuple[int, int], digest: int) -> bool:
    """Whether the signature (r, s) over `digest` is by this key (GOST R 34.10-2012, 6.2)."""
    q, (r, s) = curve.q, signature
    if not on_curve(curve, key) or not (0 < r < q and 0 < s < q):
        return False
    v = pow(digest % q or 1, -1, q)
    point = sum_of_multiples(curve, s * v % q, curve.base, -r * v % q, key)
    return point is not None and point[0] % q == r


def on_curve(curve: Curve, point: Affine) -> bool:
    """Whether both coordinates are in the field and satisfy the curve's equation."""
    x, y = point
    return x < curve.p and y < curve.p and (y * y - (x * x * x + curve.a * x + curve.b)) % curve.p == 0


def sum_of_multiples(curve: Curve, m: int, one: Affine, n: int, other: Affine) -> Affine | None:
    """Return m·one + n·other in one pass over the bits of both (Shamir's trick), None for the point at infinity."""
    first, second = (*one, 1), (*other, 1)
    choices = (_INFINITY, first, second, _add(curve, first, second))
    total = _INFINITY
    for bit in range(max(m.bit_length(), n.bit_length()) - 1, -1, -1):
        total = _double(curve, total)
        total = _add(curve, total, choices[(m >> bit & 1) | (n >> bit & 1) << 1])
    x, y, z = total
    if z == 0:
        return None
    inverse = pow(z, -1, curve.p)
    return x * inverse * inverse % curve.p, y * inverse * inverse * inverse % curve.p


def _double(curve: Curve, point: Jacobian) -> Jacobian:
    """Return the doubled point."""
    p, (x, y, z) = curve.p, point
    yy, zz = y * y % p, z * z % p
    s = 4 * x * yy % p
    m = (3 * x * x + curve.a * (zz * zz % p)) % p
    x3 = (m * m - 2 * s) % p
    return x3, (m * (s - x3) - 8 * yy * yy) % p, 2 * y * z % p


def _add(curve: Curve, left: Jacobian, right: Jacobian) -> Jacobian:
    """Return the sum of any two points."""
    p, (x1, y1, z1), (x2, y2, z2) = curve.p, left, right
    if z1 == 0:
        return right
    if z2 == 0:
        return left
    z1z1, z2z2 = z1 * z1 % p, z2 * z2 % p
    u1, s1 = x1 * z2z2 % p, y1 * z2 * z2z2 % p
    h, r = (x2 * z1z1 - u1) % p, (y2 * z1 * z1z1 - s1) % p
    if h == 0:
        return _double(curve, left) if r == 0 else _INFINITY
    hh = h * h % p
    hhh, v = h * hh % p, u1 * hh % p
    x3 = (r * r - hhh - 2 * v) % p
    return x3, (r * (v - x3) - s1 * hhh) % p, z1 * z2 * h % p
