"""The system's push notifications: a message has arrived, or one was delivered. Total.

They carry no signature (confirmed by the manual): whoever knows the secret path can send one. So nothing of them is
believed; a look into the inboxes shows what is there.
"""

from __future__ import annotations

from contracts.strict_json import NotJson
from worker.systems import json_answer
from worker.systems.calls import Call, CallAnswer, CallRefused, LookNow, Received
from worker.systems.ssev.response import system_id
from worker.text_encoding import charset_in, text_of

_JSON = "application/json"


def read_call(call: Call) -> Received:
    """Return that the inboxes are to be looked into, or why the call is not taken."""
    if call.path:
        return CallRefused(404, "there is nothing at this path")
    if call.method != "POST":
        return CallRefused(405, "push notifications are made by POST")
    text = text_of(call.body, charset_in(call.headers.get("content-type", "")))
    try:
        document = None if text is None else json_answer.parse(text)
    except NotJson:
        document = None
    match document:
        case {"EventType": "Received", "MessageId": message} if system_id(message) is not None:
            return LookNow()
        case {"EventType": "Delivered", "MessageId": message} if system_id(message) is not None:
            # A message of ours was opened: `message.status` asks for that, and no inbox shows it.
            return ()
    return CallRefused(400, "the call is no push notification: EventType and MessageId are expected")


def receipt() -> CallAnswer:
    """Return that the notification was taken."""
    return CallAnswer(200, b"{}", _JSON)


def refusal(status: int) -> CallAnswer:
    """Return an error without a reason in detail."""
    return CallAnswer(status, b"{}", _JSON)
