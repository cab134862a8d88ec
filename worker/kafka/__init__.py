"""Kafka in and out: consumer, window, offsets, publisher; it may import the pipeline, and no system or journal."""
