"""Signing keys, one file for each kind of store, behind `worker.signing.port`.

May import nothing else of Herald's but the ground.
"""
