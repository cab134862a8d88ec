"""The contracts as files for any language: AsyncAPI, JSON Schema, examples; it may import all of `contracts`."""
