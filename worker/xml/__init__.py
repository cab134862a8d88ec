"""XML for any national system: safe parsing, and messages built and validated by the system's own schemas."""
