"""The National Health Insurance Fund of Bulgaria (НЗОК): its REST API; imports what systems share, no other system."""
