"""The scenarios that `herald demo` runs against the sandboxes; may import `worker` and `contracts`."""
