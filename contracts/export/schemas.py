"""JSON Schemas made from the models."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel, Field, create_model
from pydantic.json_schema import GenerateJsonSchema, models_json_schema

from contracts import notifications
from contracts.export.cloudevent import cloudevent_schema
from contracts.export.plain_forms import plain, without_unused
from contracts.registry import EVENT_TYPES
from contracts.replies import AcceptedReply, FailedReply, HeldReply, RejectedReply, ReplyKind, TakenReply
from contracts.reply_events import reply_type

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pydantic.json_schema import JsonSchemaMode

    from contracts.event_contract import EventContract

_COMPONENTS = "#/components/schemas/"
DIALECT = "https://json-schema.org/draft/2020-12/schema"
CLOUDEVENT = "cloudevent.v1"
_DATA = "What the system answered: its identifiers and what was asked for."
SHARED_REPLIES: Mapping[ReplyKind, type[BaseModel]] = {
    ReplyKind.REJECTED: RejectedReply,
    ReplyKind.FAILED: FailedReply,
    ReplyKind.HELD: HeldReply,
}
"""The replies whose data is the same for every operation."""
INTERIM: Mapping[ReplyKind, type[BaseModel]] = {ReplyKind.TAKEN: TakenReply}
"""The same, of operations whose system may answer later; no ends of a submission."""


class _Schemas(GenerateJsonSchema):
    """Without the titles that pydantic makes of field names: they say nothing that the name does not."""

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002 - pydantic's signature
        return False


def accepted_model(contract: EventContract) -> type[BaseModel]:
    """Make the accepted reply of one operation: the common one, with the operation's own data."""
    return create_model(
        f"{contract.result.__name__}Reply",
        __base__=AcceptedReply,
        __doc__=AcceptedReply.__doc__,
        data=(contract.result, Field(description=_DATA)),
    )


def schema_files() -> dict[str, dict[str, Any]]:
    """Return one JSON Schema (2020-12) per event data and reply data, by file name."""
    files: dict[str, dict[str, Any]] = {}
    for event_type, contract in EVENT_TYPES.items():
        files[event_type] = _alone(event_type, contract.model, "validation")
        answered = reply_type(event_type, ReplyKind.ACCEPTED)
        files[answered] = _open(_alone(answered, accepted_model(contract), "serialization"))
    for kind, model in (*SHARED_REPLIES.items(), *INTERIM.items()):
        name = f"reply.{kind.value}.v1"
        files[name] = _open(_alone(name, model, "serialization"))
    for event_type, told in notifications.NOTIFICATION_TYPES.items():
        files[event_type] = _open(_alone(event_type, told.model, "serialization"))
    files[CLOUDEVENT] = {"$schema": DIALECT, "$id": f"urn:herald:schema:{CLOUDEVENT}", **cloudevent_schema()}
    return files


def components() -> dict[str, Any]:
    """Return the same schemas as one set of named components that refer to each other."""
    accepted = [accepted_model(contract) for contract in EVENT_TYPES.values()]
    interim = INTERIM.values() if any(one.answers_later for one in EVENT_TYPES.values()) else ()
    notified = [contract.model for contract in notifications.NOTIFICATION_TYPES.values()]
    replies = _together([*accepted, *SHARED_REPLIES.values(), *interim, *notified], "serialization")
    events = _together([contract.model for contract in EVENT_TYPES.values()], "validation")
    return {**_open(replies), **events, "SubmissionEvent": cloudevent_schema()}


def _alone(name: str, model: type[BaseModel], mode: JsonSchemaMode) -> dict[str, Any]:
    schema = model.model_json_schema(by_alias=True, schema_generator=_Schemas, mode=mode)
    definitions = {f"#/$defs/{name}": part for name, part in schema.get("$defs", {}).items()}
    named = {"$schema": DIALECT, "$id": f"urn:herald:schema:{name}", **schema}
    return without_unused(plain(named, definitions))


def _together(models: Sequence[type[BaseModel]], mode: Literal["validation", "serialization"]) -> Any:
    _, schema = models_json_schema(
        [(model, mode) for model in models],
        schema_generator=_Schemas,
        ref_template=f"{_COMPONENTS}{{model}}",
    )
    definitions = {f"{_COMPONENTS}{name}": part for name, part in schema["$defs"].items()}
    return plain(schema["$defs"], definitions)


def _open(schema: Any) -> Any:
    """Let a reply have more members than today, so that adding one breaks no reader that validates."""
    if isinstance(schema, dict):
        return {
            name: _open(part)
            for name, part in schema.items()
            if (name, part) != ("additionalProperties", False)
        }
    return [_open(part) for part in schema] if isinstance(schema, list) else schema
