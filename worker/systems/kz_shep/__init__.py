"""SHEP (ШЭП), Kazakhstan's gateway: services of SyncChannel; it may import what systems share, and no other."""
