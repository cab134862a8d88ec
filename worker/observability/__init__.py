"""Logs and health probes; imports nothing else of the worker, so that every room may import it."""
