"""The events of Kazakhstan's SHEP gateway; it may import what all contracts share, and no other system's."""
