"""One bounded HTTPS exchange, and whether a byte of it left; may import `worker.observability` and what is below it."""
