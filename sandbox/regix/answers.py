"""The answer of a register to one request: its data under the consumer's rights, and the signature over them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from lxml import etree

from sandbox.regix.errors import Fault
from sandbox.regix.names import INVENTED
from sandbox.regix.people import other_than
from sandbox.regix.reports import REPORTS, grown, written
from sandbox.regix.result import Result, data_of, matrix_of, standalone
from sandbox.regix.shapes import Shape, leaves
from sandbox.regix.signature import Signer, wrapped

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from sandbox.authority import Credential
    from sandbox.regix.consumers import Consumer
    from sandbox.regix.request import ExecuteRequest
    from sandbox.regix.result import Data
    from sandbox.regix.soap import Element
    from sandbox.regix.variants import Variants

_UNKNOWN_FORM = Shape("InventedResponse", INVENTED, leaves(INVENTED, "Operation Note"))
_TAMPERED = b'<Response id="response">', b'<Response id="response"> '
"""White space within what was signed: the answer means the same, and its signature does not verify."""
_ANOTHER_CALL = 999_999
_NO_VALUE = "Object reference not set to an instance of an object."
"""What .NET says where an adapter works on an element that is not there."""
_NOTE = "invented by Herald's sandbox: the form of this operation's answer is not known to it"


@dataclass(frozen=True, slots=True)
class Registers:
    """The primary registers behind RegiX, and what RegiX signs their answers with."""

    credential: Credential
    stranger: Credential
    now: Callable[[], datetime]

    def check(self, request: ExecuteRequest) -> None:
        """Raise Fault where the argument cannot become the operation's own type; its text is empty at RegiX, too."""
        report = REPORTS.get(request.operation)
        if report is not None and request.argument is not None and not report.accepts(request.argument):
            raise Fault("")

    def asked(self, request: ExecuteRequest) -> str | None:
        """Return the person or thing that the argument names, where its form is known."""
        report = REPORTS.get(request.operation)
        if report is None or request.argument is None:
            return None
        return report.asked(request.argument)[report.key]

    def answer(
        self,
        request: ExecuteRequest,
        consumer: Consumer,
        variants: Variants,
        call_id: int,
        code: str | None = None,
    ) -> Result:
        """Return the result with its data, signed where that is asked for."""
        hidden = consumer.hidden.get(request.operation, frozenset())
        found = self._found(request, hidden, variants.answer_bytes)
        if found is None:
            return Result(is_ready=True, error=_NO_VALUE, call_id=call_id, verification_code=code)
        shape, argument, response = found
        data = data_of(argument, response, matrix_of(shape, hidden) if request.matrix else None)
        signature = self._signature(data, variants.signature) if request.sign else None
        if request.sign and variants.signature == "tampered":
            data = replace(data, content=data.content.replace(*_TAMPERED, 1))
        return Result(is_ready=True, call_id=call_id, verification_code=code, data=data, signature=signature)

    def answer_to_another(
        self, request: ExecuteRequest, consumer: Consumer, variants: Variants
    ) -> Result | None:
        """Return the answer as if another person had been asked for; None where the argument names none."""
        report = REPORTS.get(request.operation)
        if report is None or request.argument is None or report.key not in {"EGN", "Identifier"}:
            return None
        asked = report.asked(request.argument)
        argument = report.echoed({**asked, report.key: other_than(asked[report.key])})
        return self.answer(replace(request, argument=argument), consumer, variants, _ANOTHER_CALL)

    def _found(
        self, request: ExecuteRequest, hidden: frozenset[str], size: int
    ) -> tuple[Shape, bytes, bytes] | None:
        """Return the answer's form, the argument as it was understood, and the answer; None without a key."""
        report = REPORTS.get(request.operation)
        if request.argument is None:
            return None
        if report is None:
            answer = written(_UNKNOWN_FORM, {"Operation": request.operation, "Note": _NOTE})
            return _UNKNOWN_FORM, _echoed(request.argument), etree.tostring(answer, encoding="utf-8")
        asked = report.asked(request.argument)
        if asked[report.key] is None:
            return None
        answer = written(report.answer, report.values(asked), hidden)
        text = (
            grown(answer, report.listed, size)
            if size and report.listed
            else etree.tostring(answer, encoding="utf-8")
        )
        return report.answer, _echoed(report.echoed(asked)), standalone(text, answer)

    def _signature(self, data: Data, how: str) -> bytes | None:
        if how == "missing":
            return None
        method = "sha1" if how == "sha1" else "sha256"
        credential = self.stranger if how == "stranger" else self.credential
        signers = [Signer(credential), Signer(self.credential, "2")] if how == "two" else [Signer(credential)]
        return wrapped([signer.sign(data.alone(), self.now(), method) for signer in signers])


def not_expected(request: ExecuteRequest) -> str | None:
    """Return what the register's own deserializer says of an argument of another type."""
    report, argument = REPORTS.get(request.operation), request.argument
    if report is None or argument is None or report.accepts(argument):
        return None
    name = etree.QName(argument)
    return f"<{name.localname} xmlns='{name.namespace or ''}'> was not expected."


def _echoed(argument: Element) -> bytes:
    """Return the argument without the namespaces of the envelope that it came in, which would be signed with it."""
    text = etree.tostring(argument, method="c14n", exclusive=True, with_tail=False)
    return standalone(text, argument)
