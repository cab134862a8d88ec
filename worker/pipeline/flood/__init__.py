"""The flood guard: who causes dead letters, when their submissions wait, and for how long.

May import what `worker.pipeline` may.
"""
