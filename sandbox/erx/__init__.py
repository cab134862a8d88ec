"""A stand-in for the Bulgarian eRx register, written from its documents; it may import what all sandboxes share."""
