"""One bounded HTTPS exchange, and whether a byte of it left; may import no package of the worker above it."""
