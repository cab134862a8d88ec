"""The event of RegiX, the exchange between Bulgarian registers; may import what all contracts share, no other's."""
