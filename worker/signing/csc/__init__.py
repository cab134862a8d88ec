"""Signers at a provider with the API of the Cloud Signature Consortium, version 2 or 1.0.4.

May import `worker.signing.remote` and the files of `worker.signing` itself.
"""
