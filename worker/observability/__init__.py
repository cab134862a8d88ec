"""What operators see of the worker: logs and probes. May import nothing else of the worker but the ground modules."""
