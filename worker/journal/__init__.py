"""The journal on PostgreSQL: states, evidence, dead letters; it may import no Kafka, no HTTP and no system."""
