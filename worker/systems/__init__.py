"""The national systems, and what they share; it may import signing, transport and XML, and no Kafka or journal."""
