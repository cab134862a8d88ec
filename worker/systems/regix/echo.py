"""Whether an answer repeats the argument that was sent: RegiX returns the request beside the report. Pure, total."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from worker.systems.regix.response import text_in

if TYPE_CHECKING:
    from lxml import etree

_DAY = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})(T00:00:00(\.0+)?)?(Z|[+-][0-9]{2}:[0-9]{2})?")


def is_echo(sent: etree._Element, returned: etree._Element, *, exact: bool) -> bool:
    """Whether the returned argument is the one that was sent.

    The registers' software reads the argument and writes it anew: it may leave out what is empty, and write numbers and
    times otherwise. So only ``exact`` compares the values, where the shape of the argument is known: each value that
    is returned was sent under that name.
    """
    if sent.tag != returned.tag:
        return False
    return not exact or not (_values(returned) - _values(sent))


def _values(element: etree._Element) -> Counter[tuple[str, str]]:
    found = ((str(one.tag), text_in(one)) for one in element.iter("*"))
    return Counter((tag, _plain(text)) for tag, text in found if text is not None)


def _plain(text: str) -> str:
    """Return a day without the time and the zone that .NET may write after it."""
    day = _DAY.fullmatch(text)
    return day[1] if day else text
