"""The worker between Kafka and the national systems, and its command line; may import `contracts` and `schemas`."""
