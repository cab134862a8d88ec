"""A stand-in for the Bulgarian eRx register (HL7 FHIR Lite API v1.0), written from its public documents."""
