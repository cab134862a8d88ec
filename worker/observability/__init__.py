"""Logs and health probes; may import of the worker only the modules that all rooms share, such as `setting_types`."""
