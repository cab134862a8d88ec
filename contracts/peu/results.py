"""The data of the portal's accepted replies."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict

from contracts.model import ContractModel
from contracts.peu.fields import Code


class ServiceResult(ContractModel):
    """The service answered the call with the message that its WSDL names as the answer."""

    operation: str
    """The operation that was called."""
    result: Any = None
    """The answer's content as the WSDL's types have it: texts, whole numbers, true or false, arrays and objects.
    Numbers with decimals, dates and times are texts, bytes are base64. Null where the answer is empty, or too large."""


class RegisterAnswer(ContractModel):
    """The portal's register answered. What is in the answer is not public: it is passed on as it came."""

    content: Any = None
    """The answer, as JSON; null where it is too large for a reply."""


class StatedCall(BaseModel):
    """What a person must state who found what the call had done: nothing, as nothing is known of any answer."""

    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True)

    reference: Code | None = None
