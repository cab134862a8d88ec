"""Signers with B-Trust's Automatic Remote Signing, as far as public sources confirm it (docs/signing-remote.md).

May import `worker.signing.remote` and the files of `worker.signing` itself.
"""
