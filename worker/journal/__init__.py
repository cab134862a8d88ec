"""The journal on PostgreSQL: states, evidence, dead letters.

May import `worker.pipeline` and the rooms below it, but no Kafka, no HTTP and no national system.
"""
