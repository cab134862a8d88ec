"""What eDelivery (ССЕВ) and the systems that deliver by it share; may import what these may, and none of them."""
