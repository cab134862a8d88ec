"""One HTTPS exchange, and whether a byte of it left; it may import only the ground of the worker."""
