"""Kafka in and out: consumer, poll, window, offsets, publisher, replies, clients.

May import `worker.pipeline` and what is below it, and no system and no journal.
"""
