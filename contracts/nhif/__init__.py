"""The events of the NHIF (НЗОК) REST API; it may import what all contracts share, and no other system's."""
