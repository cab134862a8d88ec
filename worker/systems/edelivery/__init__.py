"""eDelivery (ССЕВ, edelivery.egov.bg) over the state ESB; may import what `worker.systems` may, and no other system."""
