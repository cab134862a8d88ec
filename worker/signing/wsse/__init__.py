"""WS-Security signatures of SOAP envelopes, made and verified.

May import `worker.xml`, `worker.signing.port` and `worker.signing.gost`.
"""
