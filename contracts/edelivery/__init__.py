"""The events of eDelivery (ССЕВ, edelivery.egov.bg); it may import what all contracts share, and no other system's."""
