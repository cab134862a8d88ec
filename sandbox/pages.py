"""The pages of HTML that a gateway answers with, before or in place of the system behind it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.stand_in import Answer

if TYPE_CHECKING:
    from collections.abc import Mapping

HTML = "text/html"
_PAGE = (
    "<html>\r\n<head><title>{text}</title></head>\r\n"
    "<body>\r\n<center><h1>{text}</h1></center>\r\n</body>\r\n</html>\r\n"
)


def page(status: int, title: str, headers: Mapping[str, str] | None = None) -> Answer:
    """Return a page with the status in its title."""
    html = _PAGE.format(text=f"{status} {title}")
    return Answer(status, html.encode(), HTML, headers=headers or {})
