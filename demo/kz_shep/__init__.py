"""Searches for medical exemptions over Kazakhstan's SHEP."""
