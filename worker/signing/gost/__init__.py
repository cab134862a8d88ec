"""Signatures of answers by GOST R 34.10-2012 and its hash, checked with our own arithmetic.

Imports `cryptography` and nothing of Herald's but the ground.
"""
