"""One bounded HTTPS exchange, and what recovery must know of it; imports no other room of the worker."""
