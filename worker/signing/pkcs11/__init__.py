"""Signing keys on tokens and HSMs (PKCS#11), each token behind a process of its own.

The signer process (`process`) imports `call_errors`, `cryptoki`, `desk`, `faults`, `frames`, `hardening`, `module` and
`serving` alone, and those import nothing else of Herald: its memory holds a library of the token's maker, and PINs.

May import the files of `worker.signing` itself, and the modules below it that every package may import (settings
types, secret files).
"""
