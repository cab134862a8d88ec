"""Why the gateway refuses a message: the codes of ErrorInfo with their fixed texts.

SCE001 to SCE909 are those of a certified provider's platform, whose family SHEP probably shares. No code is
known for a wrong sender or password: that one is invented, and says so.
"""

from __future__ import annotations

FORMAT = "SCE001"
NO_SERVICE = "SCE004"
NOT_VALID_NOW = "SCE005"
WRONG_SIGNATURE = "SCE006"
UNSIGNED = "SCE007"
INTERNAL = "SCE909"
SENDER = "SANDBOX-SENDER"
SECURITY = frozenset({NOT_VALID_NOW, WRONG_SIGNATURE, UNSIGNED})

TEXTS = {
    FORMAT: "Сообщение не соответствует формату",
    NO_SERVICE: "Сервис не существует",
    NOT_VALID_NOW: "Транспортная подпись не актуальная",
    WRONG_SIGNATURE: "Не верная транспортная подпись",
    UNSIGNED: "Сообщение не подписано",
    INTERNAL: "Внутренняя ошибка ИС",
    SENDER: "Отправитель не зарегистрирован, или пароль неверен",
}


class Refused(Exception):
    """The message is answered with a fault; ``cause`` becomes the error within the error."""

    def __init__(self, code: str, detail: str, cause: str | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.detail = detail
        self.cause = cause


class Declined(Exception):
    """The service behind the gateway does not search: a business status in an answer of HTTP 200."""

    def __init__(self, message: str) -> None:
        super().__init__("declined")
        self.message = message
