"""Signing keys, one file for each kind of store, behind `worker.signing.port`.

May import the files of `worker.signing` itself, and the modules below it that every package may import (settings
types, secret files).
"""
