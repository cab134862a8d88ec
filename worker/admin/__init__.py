"""What people do about dead letters: replay, discard, settle."""
