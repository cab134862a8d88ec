"""Signers with a key in the transit engine of HashiCorp Vault or OpenBao.

May import `worker.signing.remote` and the files of `worker.signing` itself.
"""
