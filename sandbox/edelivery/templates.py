"""The templates of messages, and how the fields of a message are held against theirs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from uuid import UUID

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

LETTER, EVERYTHING, SERVICE_REQUEST, CLOSED = 1, 2, 3, 9
LETTER_TEXT = "179ea4dc-7879-43ad-8073-72b263915656"
LETTER_FILES = "e2135802-5e34-4c60-b36e-c86d910a571a"
"""The two fields of the public template 1, as the document and a client of others have them."""
_TEXTS = frozenset({"textfield", "textarea", "select", "hidden", "datetime"})
_NAMES = {"textfield": "TextField", "textarea": "TextArea", "datetime": "DateTime"}
_LOW = 1


@dataclass(frozen=True, slots=True)
class Component:
    """One field of a template. ``more`` has what its type adds."""

    id: str
    label: str
    type: str
    required: bool = False
    more: Mapping[str, Any] = field(default_factory=dict)

    def shown(self) -> dict[str, Any]:
        """Return it as the API does."""
        name = _NAMES.get(self.type, self.type.capitalize())
        return {
            "discriminator": f"{name}Component",
            **self.more,
            "id": self.id,
            "label": self.label,
            "type": self.type,
            "isEncrypted": False,
            "isRequired": self.required,
        }

    def takes(self, value: Any) -> bool:
        """Whether a value, null among them, can be sent in it."""
        if value is None:
            return not self.required
        if self.type == "checkbox":
            return isinstance(value, bool)
        if self.type == "file":
            return isinstance(value, list) and all(type(one) is int for one in value)
        return self.type not in _TEXTS or isinstance(value, str)


@dataclass(frozen=True, slots=True)
class Template:
    """One template; ``open`` means that every profile may use it."""

    template_id: int
    name: str
    components: tuple[Component, ...]
    open: bool = True

    def summary(self) -> dict[str, Any]:
        """Return it as the list does."""
        return {
            "templateId": self.template_id,
            "name": self.name,
            "identityNumber": f"SANDBOX-{self.template_id}",
            "read": _LOW,
            "write": _LOW,
            "responseTemplateId": None,
        }

    def details(self) -> dict[str, Any]:
        """Return it with its fields."""
        return {**self.summary(), "content": [one.shown() for one in self.components]}

    def component(self, name: str) -> Component | None:
        """Return the field with this guid, in any spelling of it."""
        key = guid(name)
        return next((one for one in self.components if one.id == key), None)

    def accepts(self, fields: Mapping[str, Any], *, required: bool) -> bool:
        """Whether a message may have these fields; ``required``: a required one may not be left out."""
        matched = {name: self.component(name) for name in fields}
        if not all(one is not None and one.takes(fields[name]) for name, one in matched.items()):
            return False
        sent = {one.id for one in matched.values() if one is not None}
        return not required or all(one.id in sent for one in self.components if one.required)

    def files(self, fields: Mapping[str, Any]) -> Iterator[int]:
        """Return the numbers of the files in these fields."""
        for name, value in fields.items():
            component = self.component(name)
            if component is not None and component.type == "file":
                yield from value or ()


def guid(text: str) -> str | None:
    """Return a guid in its usual spelling; None for any other text."""
    try:
        return str(UUID(text))
    except ValueError:
        return None


_FILE = {"maxSize": 52_428_800, "expirationPeriod": 12, "allowedExtensions": None, "instances": 10}


def _invented(number: int) -> str:
    return str(UUID(int=0x5A0D_0000_0000_4000_8000_0000_0000_0000 + number))


TEMPLATES: Mapping[int, Template] = {
    one.template_id: one
    for one in (
        Template(
            LETTER,
            "Писмо",
            (
                Component(LETTER_TEXT, "Съдържание", "textarea", required=True, more={"value": None}),
                Component(LETTER_FILES, "Прикачени документи", "file", more=_FILE),
            ),
        ),
        Template(
            EVERYTHING,
            "Измислен образец с всички полета",
            (
                Component(_invented(1), "Текст", "textfield", required=True, more={"value": None}),
                Component(_invented(2), "Дълъг текст", "textarea", more={"value": None}),
                Component(
                    _invented(3),
                    "Избор",
                    "select",
                    more={"value": None, "url": None, "options": ["едно", "друго"]},
                ),
                Component(_invented(4), "Скрито", "hidden", more={"value": "постоянно"}),
                Component(_invented(5), "Дата", "datetime", more={"value": None}),
                Component(_invented(6), "Съгласие", "checkbox", more={"value": False}),
                Component(_invented(7), "Файлове", "file", more=_FILE),
                Component(_invented(8), "Указания", "markdown", more={"value": "**Измислени** указания"}),
            ),
        ),
        Template(
            SERVICE_REQUEST,
            "Измислен образец за заявяване на услуга",
            (
                Component(_invented(11), "Заявление (XML)", "file", required=True, more=_FILE),
                Component(_invented(12), "Приложения", "file", more=_FILE),
            ),
        ),
        Template(CLOSED, "Образец на друга организация", (), open=False),
    )
}
