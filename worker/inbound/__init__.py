"""The receiver: national systems call Herald over HTTP, and what they state becomes events in Kafka.

It knows no system by name, reaches the journal and Kafka through its ports alone, and verifies no call itself: each
system does. It may import `worker.pipeline.ports`, the systems' ports and the rooms below them.
"""
