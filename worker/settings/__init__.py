"""Reads the settings from a YAML file and variables, reporting all problems at once; may import the rooms below it."""
