"""The demo's scenario for NHIS; it may import what all scenarios share, and nothing of worker or sandbox."""
