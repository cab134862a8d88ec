"""A stand-in for eDelivery behind the state ESB; it may import what all sandboxes share, and the ESB's stand-in."""
