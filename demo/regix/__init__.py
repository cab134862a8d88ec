"""The demo's scenario for RegiX; it may import what all scenarios share, and nothing of worker or sandbox."""
