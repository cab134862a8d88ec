"""Verification of GOST R 34.10-2012 signatures, with the hash Streebog-512, in arithmetic of Herald's own.

May import no other package of Herald's.
"""
