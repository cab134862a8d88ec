"""Whether the contracts still keep what an earlier version promised; may import `contracts.export`."""
