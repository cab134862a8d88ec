"""The commands of `herald journal`; may import what `worker.cli.commands` may."""
