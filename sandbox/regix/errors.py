"""What RegiX answers when it does not do what was asked: SOAP faults, and results with `HasError`.

The texts of `Denied` and of the faults named below are RegiX's own, from its public source.
"""

from __future__ import annotations

NO_CERTIFICATE = "Access denied! ConsumerCertificate is not found."
NOT_ACTIVE = "Access denied! ConsumerCertificate is not active"
NO_ACCESS = "Access denied!"
DISABLED = "Service is disabled!"
CORE_ERROR = "Error occurred! {}"
WRONG_CODE = "Wrong verification code"
NO_SUCH_CALL = "There is no operation known with the provided id: {}"
INVALID_OPERATION = (
    "Element request.Operation is invalid. "
    "Check for correct operation names here: http://regixaisweb.egov.bg/regixinfo/"
)
NO_SUCH_METHOD = "Operation with name:'{}' could not be found!"
# .NET Framework adds the parameter's name to the message of an ArgumentException.
NO_ARGUMENT = (
    "Element request.Argument is required and it must contain XML content\r\nParameter name: Argument"
)
NO_SUCH_CALL_ID = "No such serviceCallID could be found!"


_LONGEST_ACTION = 200


class Fault(Exception):
    """The request is answered with a SOAP fault; ``text`` is its message, ``code`` the local name of its code."""

    def __init__(
        self, text: str, code: str = "InternalServiceFault", kind: str = "System.ArgumentException"
    ) -> None:
        super().__init__(code)
        self.text = text
        self.code = code
        self.kind = kind
        """The type of the exception, shown in the detail."""


class Denied(Exception):
    """The request is answered with `HasError`, `IsReady` false and `ServiceCallID` 0."""

    def __init__(self, text: str) -> None:
        super().__init__("denied")
        self.text = text


class Unreadable(Exception):
    """The request is no message of SOAP: HTTP 400 without a body."""


def undeserializable() -> Fault:
    """Return the fault for a message whose values cannot be read; the text is WCF's, shortened."""
    return Fault(
        "The formatter threw an exception while trying to deserialize the message.",
        "DeserializationFailed",
        "System.ServiceModel.Dispatcher.NetDispatcherFaultException",
    )


def no_such_action(action: str) -> Fault:
    """Return the fault for an action that the endpoint does not have; the text is WCF's, shortened."""
    shown = "".join(filter(str.isprintable, action[:_LONGEST_ACTION]))  # a header may hold what XML cannot
    return Fault(
        f"The message with Action '{shown}' cannot be processed at the receiver, "
        "due to a ContractFilter mismatch at the EndpointDispatcher.",
        "ActionNotSupported",
        "System.ServiceModel.ActionNotSupportedException",
    )
