"""eForms over eDelivery: requests for services that arrive, and their answers; may import no other system."""
