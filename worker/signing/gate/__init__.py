"""The certificate gate: whether a certificate may sign at this moment, by its own content, its chain and revocation.

May import the files of `worker.signing` itself and `worker.transport`.
"""
