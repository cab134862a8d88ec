"""Signing keys, one file for each kind of store, behind `worker.signing.port`.

May import the files of `worker.signing` itself, and nothing else of Herald's but the ground.
"""
