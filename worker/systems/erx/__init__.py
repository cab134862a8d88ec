"""eRx: the electronic prescription register of Bulgaria (HL7 FHIR Lite)."""
