"""The National Health Insurance Fund of Bulgaria (НЗОК): its REST API."""
