"""The stand-in of Kazakhstan's gateway SHEP with the medical-exemption search, and of an NCANode server."""
