"""Signatures under what leaves: keys, formats, and the check of each key's first signature.

May import `worker.transport` and `worker.xml`, and no system.
"""
