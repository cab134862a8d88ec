"""The contracts as files for hospitals' developers in any language: AsyncAPI, JSON Schema, examples."""
