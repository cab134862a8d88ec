"""A stand-in for Vault's transit engine; it may import what all sandboxes share, and `remote_signing`."""
