"""Circuit breakers, rate limits and concurrency limits before each exchange.

May import what `worker.pipeline` may.
"""
