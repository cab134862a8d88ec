"""The worker between Kafka and the national systems, and its commands; it may import `contracts` and `schemas`."""
