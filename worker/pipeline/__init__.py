"""The life of one submission, by ports only: reading, claim, delivery, decision, reply.

May import `worker.systems.port` and what is below it, and no library of the edges.
"""
