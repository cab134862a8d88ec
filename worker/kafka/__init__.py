"""Kafka in and out: consumer, poll, window, offsets, publisher, replies, clients.

May import `worker.pipeline` and the rooms below it, but no journal and no national system.
"""
