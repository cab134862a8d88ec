"""What all signers at a provider share: settings, the HTTPS exchange, secrets that are tried once, and batches.

May import the files of `worker.signing` itself, `worker.transport`, and no provider's package.
"""
