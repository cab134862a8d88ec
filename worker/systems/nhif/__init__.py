"""The REST API of the NHIF of Bulgaria (НЗОК); it may import what systems share, and no other system."""
