"""The file store: what is known of a file lies in the journal's tables, its bytes there or in object storage.

Either way the bytes are encrypted by the worker with a key of their own, which the journal keeps: what is erased in the
journal cannot be read any more, wherever its bytes still lie. May import the journal, and no system.
"""
