"""A hospital's morning, from event to answer, on one machine: what `herald demo` shows."""
