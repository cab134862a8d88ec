"""NHIS (НЗИС, his.bg), e-immunization, behind the System port.

May import the shared files of `worker.systems`, and what those may import.
"""
