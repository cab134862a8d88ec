"""The REST API of Bulgaria's health insurance fund (НЗОК, NHIF); may import what systems share, no other system."""
