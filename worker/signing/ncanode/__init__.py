"""Signing whole SOAP documents through an NCANode server.

May import `worker.transport`, `worker.xml` and `worker.signing.port`.
"""
