"""eRx, the prescription register of Bulgaria (HL7 FHIR Lite); it may import what systems share, and no other."""
