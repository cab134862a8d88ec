"""A stand-in for the REST API of the NHIF (НЗОК); it may import what all sandboxes share."""
