"""The events of ePayments (еПлащане, pay.egov.bg); it may import what all contracts share, and no other system's."""
