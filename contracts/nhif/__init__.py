"""The events of the NHIF (НЗОК) REST API."""
