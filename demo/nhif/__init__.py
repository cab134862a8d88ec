"""The demo's scenario for NHIF; it may import what all scenarios share, and nothing of worker or sandbox."""
