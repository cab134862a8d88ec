"""Kazakhstan's gateway of e-government (ШЭП, SHEP), SyncChannel; may import what systems share, no other system."""
