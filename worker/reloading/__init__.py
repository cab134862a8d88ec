"""Files that change while the worker runs: noticed, loaded and checked, and put in the place of the earlier ones.

Knows no signer and no system: those say which files they use, and how each is loaded. May import
`worker.observability`.
"""
