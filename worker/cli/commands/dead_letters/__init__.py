"""The commands of `herald dead-letters`; may import what `worker.cli.commands` may."""
