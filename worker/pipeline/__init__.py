"""The life of one submission, through ports: reading, claim, delivery, decision, reply.

May import the rooms below it, but no national system and no library for Kafka, PostgreSQL, HTTP, XML or keys.
"""
