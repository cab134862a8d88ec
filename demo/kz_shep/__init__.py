"""The demo's scenario for SHEP; it may import what all scenarios share, and nothing of worker or sandbox."""
