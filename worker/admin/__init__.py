"""What people do, one service for each act: may import all of the worker but Kafka's consumers, cli and console."""
