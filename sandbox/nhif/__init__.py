"""A stand-in for the REST API of the National Health Insurance Fund (НЗОК)."""
