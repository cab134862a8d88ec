"""WS-Security signatures of SOAP envelopes, made and verified.

May import `worker.xml`, `worker.signing.gost` and the files of `worker.signing` itself.
"""
