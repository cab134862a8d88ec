"""Code 128 (ISO/IEC 15417), code set B, as a picture: what the register's print service draws."""

from __future__ import annotations

from sandbox.erx.png import black_and_white

MAX_CHARACTERS = 80
MAX_SCALE = 10
_HEIGHT = 50  # pixels, at scale 1
_QUIET = 10  # modules of white on either side, as the standard wants
_START_B = 104
_MODULUS = 103
_STOP = "2331112"
# The widths of the six bars and spaces of each symbol character, from value 0 on; the last three begin a code.
_WIDTHS = """
212222 222122 222221 121223 121322 131222 122213 122312 132212 221213 221312 231212 112232 122132
122231 113222 123122 123221 223211 221132 221231 213212 223112 312131 311222 321122 321221 312212
322112 322211 212123 212321 232121 111323 131123 131321 112313 132113 132311 211313 231113 231311
112133 112331 132131 113123 113321 133121 313121 211331 231131 213113 213311 213131 311123 311321
331121 312113 312311 332111 314111 221411 431111 111224 111422 121124 121421 141122 141221 112214
112412 122114 122411 142112 142211 241211 221114 413111 241112 134111 111242 121142 121241 114212
124112 124211 411212 421112 421211 212141 214121 412121 111143 111341 131141 114113 114311 411113
411311 113141 114131 311141 411131 211412 211214 211232
""".split()  # noqa: SIM905 - a list of its own would take a page


def encodable(text: str) -> bool:
    """Whether the text can be written in code set B: printable ASCII, and not too much of it."""
    return 0 < len(text) <= MAX_CHARACTERS and all(" " <= character <= "~" for character in text)


def modules(text: str) -> list[bool]:
    """Return the code from left to right, True where it is black."""
    values = [_START_B, *(ord(character) - ord(" ") for character in text)]
    check = (_START_B + sum(place * value for place, value in enumerate(values))) % _MODULUS
    widths = "".join(_WIDTHS[value] for value in (*values, check)) + _STOP
    return [place % 2 == 0 for place, width in enumerate(widths) for _ in range(int(width))]


def picture(text: str, scale: int) -> bytes:
    """Return a PNG of the code; scale is the pixels of one module."""
    quiet = [False] * _QUIET
    row = [black for black in (*quiet, *modules(text), *quiet) for _ in range(scale)]
    return black_and_white(row, _HEIGHT * scale)
