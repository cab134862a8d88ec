"""What operators do: replay, discard, settle; it may import the rooms below it, and no Kafka consumer or command."""
