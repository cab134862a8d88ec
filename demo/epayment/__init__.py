"""The demo's scenario for ePayments; it may import what all scenarios share, and nothing of worker or sandbox."""
