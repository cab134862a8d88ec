"""A stand-in for the state ESB, and small services behind it; it may import what all sandboxes share, and epayment."""
