"""The commands of `herald signers`; may import what `worker.cli.commands` may."""
