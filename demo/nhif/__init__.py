"""Lists and documents of NHIF's REST API."""
