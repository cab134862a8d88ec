"""The life of one submission; it may import no library of the edges (Kafka, SQL, HTTP, XML) and no system."""
