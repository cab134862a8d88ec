"""The demo's scenario for eRx; it may import what all scenarios share, and nothing of worker or sandbox."""
