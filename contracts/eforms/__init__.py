"""The events of eForms: requests for services and their answers; may import what all contracts share."""
