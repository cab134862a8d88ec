"""`herald signers`, a file for each command."""
