"""A provider of remote signatures with the API of the Cloud Signature Consortium, versions 2 and 1.0.4."""
