"""The demo's scenario for eDelivery; it may import what all scenarios share, and nothing of worker or sandbox."""
