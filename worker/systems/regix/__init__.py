"""RegiX, the exchange between Bulgarian registers; may import what systems share, and no other system."""
