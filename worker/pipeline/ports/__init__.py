"""What the life of a submission needs from the outside: a journal, replies, stops, a clock. It imports no library."""

from __future__ import annotations

from worker.pipeline.ports.attempts import Received, Sending
from worker.pipeline.ports.claims import (
    FINAL_STATES,
    Busy,
    Claimed,
    ClaimRequest,
    ClaimResult,
    Conflict,
    Finished,
    Schedule,
    State,
    Stated,
    Ticket,
    Waiting,
)
from worker.pipeline.ports.clock import Clock
from worker.pipeline.ports.intake import FORGOTTEN, Loss, Position, ReadPositions, Stop, Stops
from worker.pipeline.ports.journal import Fenced, Final, Journal, JournalOutage
from worker.pipeline.ports.notifications import Name, Notification, Owner
from worker.pipeline.ports.records import DeadLetter, Event, Place, Record, Replies
from worker.pipeline.ports.waiting import ASKING, Begin, DueAnswer, Phase, PutOff, WaitingJournal

__all__ = [
    "ASKING",
    "FINAL_STATES",
    "FORGOTTEN",
    "Begin",
    "Busy",
    "ClaimRequest",
    "ClaimResult",
    "Claimed",
    "Clock",
    "Conflict",
    "DeadLetter",
    "DueAnswer",
    "Event",
    "Fenced",
    "Final",
    "Finished",
    "Journal",
    "JournalOutage",
    "Loss",
    "Name",
    "Notification",
    "Owner",
    "Phase",
    "Place",
    "Position",
    "PutOff",
    "ReadPositions",
    "Received",
    "Record",
    "Replies",
    "Schedule",
    "Sending",
    "State",
    "Stated",
    "Stop",
    "Stops",
    "Ticket",
    "Waiting",
    "WaitingJournal",
]
