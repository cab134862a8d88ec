"""Signing keys and signatures of every format; it may import `worker.transport` and `worker.xml`, and no system."""
