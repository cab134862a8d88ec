"""The demo's scenario for NHIF; it may import the demo's shared modules, and nothing of worker or sandbox."""
