"""Which submissions are over, so that retention may remove what it keeps of them. One rule for all statements."""

from __future__ import annotations

# A submission that a person may still have to decide about keeps everything, however old; so does one whose outcome
# nobody ever knew, even if its dead letter was discarded.
IS_OVER = """s.finished_at < $1 and s.answered and s.state <> 'held'
  and (d.state is null or d.state not in ('open', 'replaying'))"""
"""On `submissions s` and its dead letter `d`: it ended before $1, Kafka has its reply, and nobody has to decide."""
ITS_LETTER = "left join dead_letters d on d.id = s.dead_letter_id"
OVER = f"""
from submissions s {ITS_LETTER}
where {IS_OVER}
"""
"""All submissions that are over."""
