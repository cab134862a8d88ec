"""What operators do, one service for each act; may import the rooms below it, but nothing that consumes from Kafka."""
