"""A stand-in for the Direct API of еПлащане (pay.egov.bg); it may import what all sandboxes share."""
