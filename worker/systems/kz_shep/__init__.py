"""Kazakhstan's gateway of e-government (ШЭП, SHEP), SyncChannel v10; imports what systems share, no other system."""
