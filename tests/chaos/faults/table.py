"""Every fault by its name."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import TypeAlias

from tests.chaos.crash_points import RECEIVER_POINTS, WORKER_POINTS
from tests.chaos.defects import METHODS
from tests.chaos.faults import (
    certificates,
    kafka,
    letters,
    nhis,
    postgres,
    providers,
    receivers,
    retention,
    senders,
    tokens,
    waiting,
    workers,
    wrong_pin,
)
from tests.chaos.run_context import RunContext
from tests.chaos.schedule import SANDBOX

Inject: TypeAlias = Callable[[RunContext], Awaitable[None]]

FAULTS: Mapping[str, Inject] = {
    "kill-9": workers.kill_9,
    "sigterm": workers.sigterm,
    "sigterm-twice": workers.sigterm_twice,
    "zombie": workers.zombie,
    "scale-1-4-2": workers.scale,
    "clock-forward": workers.clock_forward,
    "clock-back": workers.clock_back,
    **{f"crash-{point}": partial(workers.crash, point=point) for point in WORKER_POINTS},
    **{f"crash-{point}": partial(receivers.crash, point=point) for point in RECEIVER_POINTS},
    "receiver-kill-9": receivers.kill_9,
    "receiver-sigterm": receivers.sigterm,
    "receiver-zombie": receivers.zombie,
    "answer-after-replacement": waiting.replace_workers,
    "regix-drop-after": waiting.regix_answers_lost,
    "regix-outage": waiting.regix_outage,
    "epayment-drop-after": waiting.epayment_answers_lost,
    "edelivery-drop-after": letters.answers_lost,
    "edelivery-numbers-replaced": letters.numbers_replaced,
    "edelivery-uploads-lost": letters.uploads_lost,
    "esb-tokens-expired": letters.tokens_expired,
    "esb-tokens-unavailable": letters.tokens_unavailable,
    "killed-while-looking": letters.killed_while_looking,
    "broker-kill-9": kafka.kill_one,
    "all-brokers-kill-9": kafka.kill_all,
    "reply-too-large": kafka.reply_too_large,
    "reply-not-authorised": kafka.reply_not_authorised,
    "postgres-restart": postgres.restart,
    "postgres-unavailable": postgres.unavailable,
    "postgres-connections-cut": postgres.cut,
    "postgres-silent": postgres.silent,
    "postgres-commit-lost": postgres.lose_commits,
    **{f"nhis-{name}": partial(nhis.fault, name=name) for name in SANDBOX},
    "nhis-long-outage": nhis.long_outage,
    "nhis-slow": nhis.slow,
    "nhis-half-the-patients": nhis.half_the_patients,
    **{f"defect-{method}": partial(workers.defect, method=method) for method in METHODS},
    "transactions": senders.transactions,
    "source-floods": senders.flood,
    "token-pulled": tokens.pull,
    "signer-process-kill-9": tokens.kill_process,
    **dict(wrong_pin.by_name()),
    "provider-unavailable": providers.unavailable,
    "provider-sad-expired": providers.expire_sads,
    "certificate-rotated": certificates.rotate,
    retention.NAME: retention.open_gap,
    "offsets-to-the-beginning": workers.rewind_offsets,
}
