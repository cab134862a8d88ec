"""The events of the Bulgarian eRx register (HL7 FHIR Lite)."""
