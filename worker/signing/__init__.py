"""Signing of outgoing messages: keys, signature formats, and the verification of each key's first signature.

May import `worker.transport` and `worker.xml`, and no system.
"""
