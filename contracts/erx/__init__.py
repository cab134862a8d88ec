"""The events of the Bulgarian eRx register; it may import what all contracts share, and no other system's."""
