"""One YAML file, every value overridable by a `HERALD_…` variable, all problems reported at once."""
