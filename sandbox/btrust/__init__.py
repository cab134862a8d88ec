"""A stand-in for B-Trust's Automatic Remote Signing; it may import what all sandboxes share, and `remote_signing`."""
