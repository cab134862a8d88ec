"""Submissions that a system takes and answers later: letting them wait, asking, ending them, acknowledging the answer.

One asker for each system that answers later, in every worker. It asks for what the journal says is due; nothing sleeps
until an answer comes. It may import what `worker.pipeline` may.
"""
