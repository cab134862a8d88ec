"""The description of one SHEP service, apart from the SyncChannel that carries it; each service is one instance."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from contracts.immutable import immutable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from pydantic import BaseModel

    from worker.systems.kz_shep.response import Response, Status
    from worker.systems.port import Recovery
    from worker.xml.node import Node


@immutable
class Service:
    """One service of SHEP's registry; all its functions are pure, and those that read are total."""

    operation: str
    """Its name in Herald: the event type is `kz-shep.<operation>.v1`."""
    service_id: str
    """Its id in SHEP's registry, and the name of its file in `schemas/kz-shep/`."""
    recovery: Recovery
    """`hold` for a service that writes, unless its document shows an identity by which a second sending is refused."""
    namespace: str
    payload_type: str
    """The type of the request's data: its xsi:type in `namespace`."""
    elements: Callable[[BaseModel], Iterable[tuple[str, str]]]
    """The elements of the request's data, in the order of the type. They are called as the event's fields are."""
    status: Callable[[Node], Status | None]
    """The status that the answer's data states; None where there is none."""
    read: Callable[[Node, Response, BaseModel], Mapping[str, Any]]
    """The reply's data, from an answer that states success. Raises UnexpectedContent if it does not fit the request."""
    nothing: Callable[[Response, Status], Mapping[str, Any]]
    """The reply's data for a status "nothing was found". Raises UnexpectedContent if the answer holds any data."""

    free_texts: frozenset[str]
    """Names of the fields of the reply's data that hold sentences: there a gateway may have repeated credentials."""
