"""Keys, and signatures right or wrong, for the stand-ins of providers; it may import what all sandboxes share."""
