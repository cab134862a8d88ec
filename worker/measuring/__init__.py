"""The values of a worker's metrics: read from its parts at each scrape, and from the journal and Kafka at intervals.

It may import every room of the worker but the command line and what composes the worker.
"""
