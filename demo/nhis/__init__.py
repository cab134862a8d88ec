"""The demo's scenario for NHIS; it may import the demo's shared modules, and nothing of worker or sandbox."""
