"""A stand-in for NHIS, its e-immunization part; it may import what all sandboxes share, and `schemas`."""
