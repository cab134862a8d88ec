"""The national systems and what they share; may import signing, transport, XML, the contracts and the schemas."""
