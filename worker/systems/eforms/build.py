"""Makes the eForms system, and what recognises its requests, from its settings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from worker.configuration_error import ConfigurationError
from worker.systems.eforms.hook import Hook
from worker.systems.eforms.notice import RequestReader
from worker.systems.eforms.operations import OPERATIONS
from worker.systems.eforms.responses import Responses
from worker.systems.eforms.schemas import Schemas
from worker.systems.eforms.system import EformsSystem
from worker.systems.ssev.access import Access
from worker.systems.ssev.schemas import MESSAGE, MessageSchema
from worker.systems.ssev.sender import Sender
from worker.transport.clients import HttpClients

if TYPE_CHECKING:
    from worker.systems.dependencies import Dependencies
    from worker.systems.eforms.settings import EformsSettings
    from worker.systems.port import Operation
    from worker.systems.ssev.opened import Recognise


def build(settings: EformsSettings, dependencies: Dependencies) -> EformsSystem:
    """Make the system; opens no connection yet. Raises ConfigurationError (the ESB's section, keys, schemas, files)."""
    esb = dependencies.esb(settings.senders)
    access = Access(esb, settings, dependencies.now)
    sender = Sender(access, dependencies.files, MessageSchema(MESSAGE))
    return EformsSystem(
        settings,
        esb=esb,
        access=access,
        downloads_client=HttpClients(settings.files.transport).plain(),
        store=dependencies.files,
        sender=sender,
        responses=Responses(settings.response, Schemas.load(settings.schema_dir), sender),
        hook=None if settings.case_messages is None else Hook(settings.case_messages),
    )


def operations(settings: EformsSettings) -> list[Operation]:
    """Return the operations with their recovery rules."""
    del settings
    return list(OPERATIONS)


def recogniser(settings: EformsSettings, largest: int) -> Recognise:
    """Return what makes notifications of opened messages that are requests, of at most ``largest`` bytes.

    Raises ConfigurationError (schemas).
    """
    try:
        return RequestReader(settings.requests, Schemas.load(settings.schema_dir), largest).notice_of
    except ConfigurationError as error:
        raise error.under("systems.eforms") from None
