"""What a worker's parts say at each scrape, and what is asked of the journal and of Kafka at intervals for it.

It may import every room of the worker but the command line and what composes the worker.
"""
