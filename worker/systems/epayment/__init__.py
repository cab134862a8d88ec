"""ePayments (еПлащане, pay.egov.bg); may import what `worker.systems` may, and no other system."""
