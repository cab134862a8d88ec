"""The national systems, a package each, and what they share; imports signing, transport, XML and the contracts."""
