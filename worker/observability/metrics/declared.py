"""The registry: every metric of Herald, once. `docs/metrics.md` is made from it.

Names follow Prometheus: base units, `_total` for counters. No label takes anything that an event says freely.
"""

from __future__ import annotations

from worker.observability.metrics import labels
from worker.observability.metrics.metric import Kind, Metric, ReadFrom

_UP_TO_MINUTES = (
    0.001,
    0.0025,
    0.005,
    0.01,
    0.025,
    0.05,
    0.1,
    0.25,
    0.5,
    1.0,
    2.5,
    5.0,
    10.0,
    30.0,
    60.0,
    300.0,
)
_UP_TO_A_DAY = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 900.0, 3600.0, 14400.0, 86400.0)
_COMMIT = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0, 60.0)
_LOOP = (0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0)

# --- What happens to submissions ---

SUBMISSIONS = Metric(
    "herald_submissions_total",
    Kind.COUNTER,
    "Records whose work ended, and whose answer Kafka acknowledged.",
    "records",
    (labels.SYSTEM, labels.OPERATION, labels.OUTCOME),
)
STAGE_DURATION = Metric(
    "herald_stage_duration_seconds",
    Kind.HISTOGRAM,
    "Duration of each part of a submission's way, whatever its end.",
    "seconds",
    (labels.SYSTEM, labels.STAGE),
    _UP_TO_MINUTES,
)
SUBMISSION_AGE = Metric(
    "herald_submission_age_seconds",
    Kind.HISTOGRAM,
    "Time from the timestamp of a record in Kafka to the acknowledgement of its answer.",
    "seconds",
    (labels.SYSTEM,),
    _UP_TO_A_DAY,
)
RETRIES = Metric(
    "herald_retries_total",
    Kind.COUNTER,
    "Attempts that ended in another attempt later, by the reason.",
    "attempts",
    (labels.SYSTEM, labels.REASON),
)
ASKS = Metric(
    "herald_asks_total",
    Kind.COUNTER,
    "Asks for answers that a system has only later, and acknowledgements of such answers.",
    "asks",
    (labels.SYSTEM, labels.OPERATION, labels.ASK_OUTCOME),
    absent="Until an ask of this outcome has ended.",
)
DEAD_LETTERS = Metric(
    "herald_dead_letters_total",
    Kind.COUNTER,
    "Dead letters that Kafka acknowledged, by their reason.",
    "dead letters",
    (labels.SYSTEM, labels.REASON),
)
REPLAYS = Metric(
    "herald_replays_total",
    Kind.COUNTER,
    "Replayed dead letters whose work ended, by the outcome. The submissions count them too.",
    "records",
    (labels.SYSTEM, labels.OUTCOME),
)
TOKEN_REQUESTS = Metric(
    "herald_token_requests_total",
    Kind.COUNTER,
    "Requests for an access token: granted, failed (tried again), or refused (an operator must act).",
    "requests",
    (labels.SYSTEM, labels.TOKEN_OUTCOME),
)

# --- Intake ---

WINDOW_RECORDS = Metric(
    "herald_window_records",
    Kind.GAUGE,
    "Records in the window: taken from Kafka and not finished.",
    "records",
    (labels.SYSTEM,),
    read_from=ReadFrom.SCRAPE,
)
WINDOW_RECORDS_LIMIT = Metric(
    "herald_window_limit_records",
    Kind.GAUGE,
    "Records at which the window is full.",
    "records",
    (labels.SYSTEM,),
    read_from=ReadFrom.SCRAPE,
)
WINDOW_BYTES = Metric(
    "herald_window_bytes",
    Kind.GAUGE,
    "Bytes of the records in the window.",
    "bytes",
    (labels.SYSTEM,),
    read_from=ReadFrom.SCRAPE,
)
WINDOW_BYTES_LIMIT = Metric(
    "herald_window_limit_bytes",
    Kind.GAUGE,
    "Bytes at which the window is full.",
    "bytes",
    (labels.SYSTEM,),
    read_from=ReadFrom.SCRAPE,
)
IN_FLIGHT = Metric(
    "herald_exchanges_in_flight",
    Kind.GAUGE,
    "Messages that are being prepared, sent, or waited for at present.",
    "exchanges",
    (labels.SYSTEM,),
    read_from=ReadFrom.SCRAPE,
)
INTAKE_PAUSED = Metric(
    "herald_intake_paused",
    Kind.GAUGE,
    "1 where no further records are read for this reason, else 0. `set-aside` concerns some partitions only.",
    "0 or 1",
    (labels.SYSTEM, labels.PAUSE_REASON),
    read_from=ReadFrom.SCRAPE,
)
SET_ASIDE = Metric(
    "herald_records_set_aside",
    Kind.GAUGE,
    "Records that wait outside the window for their source or their signer.",
    "records",
    (labels.SYSTEM, labels.SCOPE),
    read_from=ReadFrom.SCRAPE,
)
PARTITIONS = Metric(
    "herald_partitions_assigned",
    Kind.GAUGE,
    "Partitions that the consumer group assigned to this worker.",
    "partitions",
    (labels.SYSTEM,),
    read_from=ReadFrom.SCRAPE,
)
LAG = Metric(
    "herald_consumer_lag_records",
    Kind.GAUGE,
    "Offsets between the committed offset of a partition and its end, gaps of transactions included.",
    "offsets",
    (labels.SYSTEM, labels.TOPIC, labels.PARTITION),
    read_from=ReadFrom.KAFKA,
    absent="Where Kafka could not be asked for three intervals.",
)
COMMITTED_AGE = Metric(
    "herald_committed_offset_age_seconds",
    Kind.GAUGE,
    "For how long the committed offset has not moved while later records were taken; 0 where all are committed.",
    "seconds",
    (labels.SYSTEM, labels.TOPIC, labels.PARTITION),
    read_from=ReadFrom.SCRAPE,
)
LOST_OFFSETS = Metric(
    "herald_lost_offsets_total",
    Kind.COUNTER,
    "Offsets that this worker found lost before they were read, of those that can be counted.",
    "offsets",
    (labels.SYSTEM,),
    read_from=ReadFrom.SCRAPE,
)
UNACKNOWLEDGED_LOSSES = Metric(
    "herald_losses_unacknowledged",
    Kind.GAUGE,
    "Losses of records that no operator has acknowledged. Every worker shows all: use max.",
    "losses",
    (labels.SYSTEM,),
    read_from=ReadFrom.SCRAPE,
)
FORGOTTEN_OFFSETS = Metric(
    "herald_forgotten_offsets_total",
    Kind.COUNTER,
    "Offsets that the consumer group had read and the journal does not know, as far as this worker found them.",
    "offsets",
    (labels.SYSTEM,),
    read_from=ReadFrom.SCRAPE,
)
UNACKNOWLEDGED_FORGOTTEN = Metric(
    "herald_journal_behind_unacknowledged",
    Kind.GAUGE,
    "Those of the unacknowledged losses where the journal is older than the group's offset in Kafka: use max.",
    "losses",
    (labels.SYSTEM,),
    read_from=ReadFrom.SCRAPE,
)
AHEAD_OF_CLOCK = Metric(
    "herald_records_ahead_of_clock_total",
    Kind.COUNTER,
    "Records whose timestamp in Kafka was more than a second later than this worker's clock at their end.",
    "records",
    (labels.SYSTEM,),
)

# --- Systems and signers ---

CIRCUIT_OPEN = Metric(
    "herald_circuit_open",
    Kind.GAUGE,
    "1 while the circuit of the system is open in this worker, else 0.",
    "0 or 1",
    (labels.SYSTEM,),
    read_from=ReadFrom.SCRAPE,
)
SIGNERS_OPEN = Metric(
    "herald_signers_with_open_circuit",
    Kind.GAUGE,
    "Signers whose circuit is open in this worker. `/readyz` names them.",
    "signers",
    (labels.SYSTEM,),
    read_from=ReadFrom.SCRAPE,
)
PROBE_FAILING = Metric(
    "herald_probe_failing",
    Kind.GAUGE,
    "1 where the last probe of the system failed and nothing has succeeded since, else 0.",
    "0 or 1",
    (labels.SYSTEM,),
    read_from=ReadFrom.SCRAPE,
)
STOPS = Metric(
    "herald_intake_stops",
    Kind.GAUGE,
    "Stops of the flood guard in force. Every worker shows all: use max. `herald intake status` names them.",
    "stops",
    (labels.SYSTEM, labels.SCOPE),
    read_from=ReadFrom.SCRAPE,
)
LIMITED = Metric(
    "herald_senders_limited",
    Kind.GAUGE,
    "Sources or signers that have used up their dead letters of this minute in this worker.",
    "senders",
    (labels.SYSTEM, labels.SCOPE),
    read_from=ReadFrom.SCRAPE,
)
SIGNER_CERTIFICATE = Metric(
    "herald_signer_certificate_remaining_seconds",
    Kind.GAUGE,
    "Time until a signer's certificate ends, negative after it. Divide by 86400 for days.",
    "seconds",
    (labels.SIGNER,),
    read_from=ReadFrom.SCRAPE,
    absent="Where only NCANode reads the certificate, where its file could not be loaded, and of a token or provider "
    "that has not signed yet.",
)
PINNED_CERTIFICATE = Metric(
    "herald_pinned_certificate_remaining_seconds",
    Kind.GAUGE,
    "Time until a pinned certificate ends, negative after it. Divide by 86400 for days.",
    "seconds",
    (labels.SYSTEM, labels.CERTIFICATE),
    read_from=ReadFrom.SCRAPE,
)
SIGNER_BLOCKED = Metric(
    "herald_signer_blocked",
    Kind.GAUGE,
    "1 where a signer cannot sign for the system (its key, certificate or password), else 0.",
    "0 or 1",
    (labels.SYSTEM, labels.SIGNER),
    read_from=ReadFrom.SCRAPE,
)

RELOADS = Metric(
    "herald_reloads_total",
    Kind.COUNTER,
    "Changed files of signers and systems that were loaded: put in place of the earlier ones, or refused.",
    "reloads",
    (labels.RELOAD_OUTCOME,),
)
RELOAD_FAILING = Metric(
    "herald_reload_failing",
    Kind.GAUGE,
    "1 where the present files of a setting are of no use, and what was loaded before stays in use, else 0.",
    "0 or 1",
    (labels.SETTING,),
    read_from=ReadFrom.SCRAPE,
)

# --- Code lists ---

CODE_LIST_AGE = Metric(
    "herald_nomenclature_age_seconds",
    Kind.GAUGE,
    "Time since a code list, against which codes are checked, was pulled.",
    "seconds",
    (labels.SYSTEM, labels.CODE_LIST),
    read_from=ReadFrom.JOURNAL,
    absent="Where the list was never pulled.",
)
CODE_LISTS_MISSING = Metric(
    "herald_nomenclatures_missing",
    Kind.GAUGE,
    "Code lists that were never pulled, so that their codes are not checked before they are sent.",
    "lists",
    (labels.SYSTEM,),
    read_from=ReadFrom.JOURNAL,
    absent="Where the settings check no codes of the system.",
)
PULLS = Metric(
    "herald_nomenclature_pulls_total",
    Kind.COUNTER,
    "Pulls of code lists by this worker: all lists came, some, or none. A command's pull is not counted.",
    "pulls",
    (labels.SYSTEM, labels.PULL_OUTCOME),
)

# --- The journal, and what it knows ---

JOURNAL_COMMIT = Metric(
    "herald_journal_commit_duration_seconds",
    Kind.HISTOGRAM,
    "Duration of a transaction that writes a group of steps; an outage counts as one long transaction.",
    "seconds",
    (),
    _COMMIT,
)
JOURNAL_WAITING = Metric(
    "herald_journal_waiting_steps",
    Kind.GAUGE,
    "Steps of submissions that wait for the next transaction.",
    "steps",
    read_from=ReadFrom.SCRAPE,
)
JOURNAL_CONNECTED = Metric(
    "herald_journal_connected",
    Kind.GAUGE,
    "1 where PostgreSQL answered on this connection when it was last asked, else 0.",
    "0 or 1",
    (labels.CONNECTION,),
    read_from=ReadFrom.SCRAPE,
)
WAITING = Metric(
    "herald_waiting_submissions",
    Kind.GAUGE,
    "Submissions that the system took and answers later.",
    "submissions",
    (labels.SYSTEM, labels.OPERATION),
    read_from=ReadFrom.JOURNAL,
    absent="Where nothing of the operation has waited since the worker started.",
)
WAITING_OVERDUE = Metric(
    "herald_waiting_overdue_seconds",
    Kind.GAUGE,
    "Time since the longest due ask for an answer was due, or acknowledgement of one; 0 where none is due.",
    "seconds",
    (labels.SYSTEM,),
    read_from=ReadFrom.JOURNAL,
)
UNANSWERED = Metric(
    "herald_unanswered_submissions",
    Kind.GAUGE,
    "Submissions that were taken from Kafka and have no outcome yet.",
    "submissions",
    (labels.SYSTEM,),
    read_from=ReadFrom.JOURNAL,
)
UNANSWERED_AGE = Metric(
    "herald_unanswered_oldest_age_seconds",
    Kind.GAUGE,
    "Time since the oldest of the submissions without an outcome was first taken; 0 where there is none.",
    "seconds",
    (labels.SYSTEM,),
    read_from=ReadFrom.JOURNAL,
)
HELD = Metric(
    "herald_held_submissions",
    Kind.GAUGE,
    "Submissions whose outcome a person must determine.",
    "submissions",
    (labels.SYSTEM,),
    read_from=ReadFrom.JOURNAL,
)
HELD_AGE = Metric(
    "herald_held_oldest_age_seconds",
    Kind.GAUGE,
    "Time since the oldest of the held submissions was held; 0 where there is none.",
    "seconds",
    (labels.SYSTEM,),
    read_from=ReadFrom.JOURNAL,
)
LETTERS_OPEN = Metric(
    "herald_dead_letters_open",
    Kind.GAUGE,
    "Dead letters that were neither replayed, discarded nor settled.",
    "dead letters",
    (labels.SYSTEM,),
    read_from=ReadFrom.JOURNAL,
)
SCHEMA_VERSION = Metric(
    "herald_journal_schema_version",
    Kind.GAUGE,
    "Number of the last migration of the journal's tables.",
    "migration",
    read_from=ReadFrom.JOURNAL,
)
MIGRATED = Metric(
    "herald_journal_migrated_timestamp_seconds",
    Kind.GAUGE,
    "When the last migration of the journal's tables was applied (Unix time).",
    "seconds",
    read_from=ReadFrom.JOURNAL,
)
MIGRATIONS_PENDING = Metric(
    "herald_journal_migrations_pending",
    Kind.GAUGE,
    "1 while this worker waits for `herald journal migrate` at its start, else 0.",
    "0 or 1",
    read_from=ReadFrom.SCRAPE,
)
JOURNAL_READ = Metric(
    "herald_journal_read_timestamp_seconds",
    Kind.GAUGE,
    "When the values that come from the journal were last read (Unix time).",
    "seconds",
    read_from=ReadFrom.SCRAPE,
    absent="Before the first reading.",
)

PRUNED = Metric(
    "herald_journal_pruned_rows_total",
    Kind.COUNTER,
    "Rows of the journal that this worker pruned on schedule, by what was removed.",
    "rows",
    (labels.PRUNED,),
    read_from=ReadFrom.SCRAPE,
    absent="Where `journal.retention.enabled` is false.",
)
PRUNE_SUCCESS = Metric(
    "herald_journal_prune_success_timestamp_seconds",
    Kind.GAUGE,
    "When this worker last pruned the journal without an error (Unix time). One worker prunes: use max.",
    "seconds",
    read_from=ReadFrom.SCRAPE,
    absent="Where this worker has not pruned.",
)

FILES = Metric(
    "herald_files_total",
    Kind.COUNTER,
    "Files saved for replies, fetched and uploaded over HTTP, and deleted, by how it ended.",
    "files",
    (labels.FILE_ACT, labels.FILE_OUTCOME),
    read_from=ReadFrom.SCRAPE,
    absent="Where the settings have no section `files`.",
)
FILE_BYTES = Metric(
    "herald_file_bytes_total",
    Kind.COUNTER,
    "Bytes of files saved, fetched and uploaded, those of broken transfers too.",
    "bytes of files",
    (labels.FILE_ACT,),
    read_from=ReadFrom.SCRAPE,
    absent="Where the settings have no section `files`.",
)
FILES_TO_DELETE = Metric(
    "herald_files_to_delete",
    Kind.GAUGE,
    "Files that are over and whose bytes are not deleted yet.",
    "files",
    read_from=ReadFrom.SCRAPE,
    absent="Where this process does not delete files, or the journal is unavailable.",
)

# --- The process ---

REPLIES_FAILING = Metric(
    "herald_replies_failing",
    Kind.GAUGE,
    "1 while Kafka does not acknowledge replies or dead letters to some topic, else 0.",
    "0 or 1",
    read_from=ReadFrom.SCRAPE,
)
CLOCK_SKEW = Metric(
    "herald_clock_skew_seconds",
    Kind.GAUGE,
    "By how much another clock is ahead of this worker's; a system's only to the second, by its Date header.",
    "seconds",
    (labels.AGAINST,),
    read_from=ReadFrom.SCRAPE,
    absent="Where that clock was not seen in the last ten minutes.",
)
LOOP_DELAY = Metric(
    "herald_event_loop_delay_seconds",
    Kind.HISTOGRAM,
    "By how much the event loop was late for a task that wakes up every second.",
    "seconds",
    (),
    _LOOP,
)
SPANS_DROPPED = Metric(
    "herald_spans_dropped_total",
    Kind.COUNTER,
    "Spans of traces that the collector did not take, or that had no room while it was slow. Submissions go on.",
    "spans",
    (labels.SPAN_DROP,),
    read_from=ReadFrom.SCRAPE,
    absent="Where traces are off.",
)

# --- The receiver of the systems' calls ---

RECEIVER_CALLS = Metric(
    "herald_receiver_calls_total",
    Kind.COUNTER,
    "Requests to the receiver, by the status of the answer.",
    "requests",
    (labels.CALLER, labels.CALL_STATUS),
    absent="Where the process is no receiver.",
)
RECEIVER_DURATION = Metric(
    "herald_receiver_call_duration_seconds",
    Kind.HISTOGRAM,
    "Time from the head of a request to its answer: the journal and Kafka included.",
    "seconds",
    (labels.CALLER,),
    _UP_TO_MINUTES,
    absent="Where the process is no receiver.",
)
NOTIFICATIONS = Metric(
    "herald_notifications_total",
    Kind.COUNTER,
    "Notifications in authentic calls and in looks: new, repeated, or under a known identity with other content.",
    "notifications",
    (labels.CALLER, labels.NOTICE_OUTCOME),
    absent="Where the process neither receives nor looks.",
)
RECEIVER_HASTENED = Metric(
    "herald_receiver_hastened_total",
    Kind.COUNTER,
    "Calls after which a waiting submission's answer is asked for at once.",
    "calls",
    (labels.CALLER,),
    absent="Where the process is no receiver.",
)
RECEIVER_LOOKS = Metric(
    "herald_receiver_looks_total",
    Kind.COUNTER,
    "Calls after which the system is looked at soon, because they say that something arrived.",
    "calls",
    (labels.CALLER,),
    absent="Where the process is no receiver.",
)
LOOKS = Metric(
    "herald_looks_total",
    Kind.COUNTER,
    "Looks of workers at places where something may have arrived, such as an inbox.",
    "looks",
    (labels.SYSTEM, labels.LOOK_OUTCOME),
    absent="For a system without such places.",
)
LOOK_AGE = Metric(
    "herald_look_age_seconds",
    Kind.GAUGE,
    "Time since the last good look, of the system's place where it is longest ago; the same for every worker.",
    "seconds",
    (labels.SYSTEM,),
    read_from=ReadFrom.JOURNAL,
    absent="For a system without such places, and while the journal is unavailable.",
)
PLACES_FAILING = Metric(
    "herald_look_places_failing",
    Kind.GAUGE,
    "Places of the system whose last 3 looks or more failed; the same for every worker.",
    "places",
    (labels.SYSTEM,),
    read_from=ReadFrom.JOURNAL,
    absent="For a system without such places, and while the journal is unavailable.",
)
NOTIFICATIONS_UNPUBLISHED = Metric(
    "herald_notifications_unpublished",
    Kind.GAUGE,
    "Notifications in the journal that Kafka has not acknowledged.",
    "notifications",
    (labels.CALLER,),
    read_from=ReadFrom.JOURNAL,
    absent="Where the process publishes no notifications, or the journal is unavailable.",
)
NOTIFICATIONS_UNPUBLISHED_AGE = Metric(
    "herald_notifications_unpublished_age_seconds",
    Kind.GAUGE,
    "Age of the oldest notification that Kafka has not acknowledged; 0 where there is none.",
    "seconds",
    (labels.CALLER,),
    read_from=ReadFrom.JOURNAL,
    absent="Where the process publishes no notifications, or the journal is unavailable.",
)

# --- The process ---

READY = Metric(
    "herald_ready",
    Kind.GAUGE,
    "1 where `/readyz` answers 200, else 0.",
    "0 or 1",
    read_from=ReadFrom.SCRAPE,
)
BUILD = Metric(
    "herald_build_info",
    Kind.GAUGE,
    "Always 1; the labels say what runs.",
    "1",
    (labels.VERSION, labels.PYTHON),
    read_from=ReadFrom.SCRAPE,
)

ALL: tuple[Metric, ...] = tuple(value for value in list(globals().values()) if isinstance(value, Metric))
"""Every metric, in the order of this file."""
