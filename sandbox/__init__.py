"""Stand-ins for national systems, run as separate processes; it may import `schemas`, and no code that it tests."""
