"""Stand-ins for national systems, run as separate processes; they share no code with what they test."""
