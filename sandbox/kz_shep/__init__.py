"""A stand-in for Kazakhstan's gateway SHEP, with an NCANode; it may import what all sandboxes share."""
