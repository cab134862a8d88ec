"""A stand-in for a provider with the CSC API; it may import what all sandboxes share, and `remote_signing`."""
