"""The scenarios that `herald demo` runs against the sandboxes; it may import the worker, contracts and itself."""
