"""What is wrong before a worker starts: checks against Kafka, the journal, the signers and the systems' hosts.

One file a subject asks (`kafka`, `journal`, `signers`, `systems`, `clocks`, `disk`), and its `_policy` judges what was
found without I/O. May import what `worker.admin` may.
"""
