"""One YAML file, overridable by variables, all problems at once; it may import the parts' own settings models."""
