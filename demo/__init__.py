"""The scenarios that `herald demo` runs against the sandboxes; it may import `worker` and `contracts`, as users do."""
