"""The register's messages, in the two languages that it knows.

The Bulgarian texts are the documents', to the letter, where they give one; the English ones are ours.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Text:
    """One message; ``{name}`` and ``{value}`` are filled in."""

    bg: str
    en: str

    def said(self, language: str, **values: str) -> str:
        """Return the message in ``bg`` or ``en``."""
        return (self.en if language == "en" else self.bg).format(**values)


WRONG_CREDENTIALS = Text("Грешно потребителско име или парола", "Wrong user name or password")
WRONG_CLIENT = Text("Грешни клиентски автентикационни атрибути", "Wrong client authentication")
INVALID_LOGIN = Text("Грешен формат на заявката за вход", "Invalid format of the login request")
INVALID_REQUEST = Text(
    "Грешен формат на заявката", "Invalid format of the request"
)  # the one above, shortened
MANDATORY = Text("Атрибута {name} е задължителен", "Attribute {name} is mandatory")
UNAUTHORIZED = Text("Грешни автентикационни параметри", "Wrong authentication parameters")
INTERNAL = Text(
    "Възникна случайна грешка. Моля обърнете се към администратора на системата",
    "An accidental error happened. Please turn to the administrator of the system",
)
INTEGRITY = Text(
    "Грешка в интегриртета на данните. Моля обърнете се към администратора",
    "Data integrity error. Please turn to the administrator",
)
NOT_IN_FHIR = Text(
    "Данните ви не са записани във FHIR. Моля обърнете се към администратора на системата",
    "PractitionerRole is not saved. Please turn to the administrator of the system",
)
NO_PRESCRIPTION = Text("Липсва рецепта по зададените критерии", "No prescription fits the criteria")
_DUPLICATE = "Key ({name})=({value}) already exists."  # in English in the documents too
ALREADY_EXISTS = Text(_DUPLICATE, _DUPLICATE)

# The documents give no text for the following errors; both languages are ours.
INVALID_VALUE = Text("Атрибута {name} е с невалидна стойност", "Attribute {name} has an invalid value")
TOO_MANY = Text("Ресурсът {name} се допуска само веднъж", "Resource {name} is allowed only once")
UNKNOWN_RESOURCE = Text("Непознат вид ресурс", "Unknown type of resource")
NOT_NHIF_CODE = Text(
    "Рецепта по НЗОК изисква код на лекарство от позитивния лекарствен списък",
    "A prescription paid by NHIF needs a medicine code of the positive drug list",
)


def language_of(headers: Mapping[str, str]) -> str:
    """Return ``en`` where Accept-Language begins so (`en-EN`), else ``bg``."""
    return "en" if headers.get("accept-language", "").strip().lower().startswith("en") else "bg"
