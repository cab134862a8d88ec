"""Stores keys in a token; run by `SoftHsm.store`, which writes what to store to its standard input."""

from __future__ import annotations

import json
import sys

import pkcs11
from pkcs11 import Attribute, ObjectClass
from pkcs11.util.ec import decode_ec_private_key
from pkcs11.util.rsa import decode_rsa_private_key
from pkcs11.util.x509 import decode_x509_certificate


def main() -> None:
    """Store all of them."""
    told = json.load(sys.stdin)
    token = pkcs11.lib(told["module"]).get_token(token_label=told["token"])
    with token.open(rw=True, user_pin=told["pin"]) as session:
        for one in told["keys"]:
            session.create_object(_private_key(one))
            if one["certificate"]:
                session.create_object(_certificate(one["certificate"], one["label"], one["id"]))
        for one in told["authorities"]:
            session.create_object(_certificate(one, "authority", ""))


def _private_key(one: dict) -> dict:
    der = bytes.fromhex(one["key"])
    try:
        attributes = decode_rsa_private_key(der)
    except ValueError:
        attributes = decode_ec_private_key(der)
    return {
        **attributes,
        Attribute.TOKEN: True,
        Attribute.PRIVATE: True,
        Attribute.SENSITIVE: True,
        Attribute.SIGN: True,
        Attribute.LABEL: one["label"],
        Attribute.ID: bytes.fromhex(one["id"]),
        Attribute.ALWAYS_AUTHENTICATE: one["always"],
    }


def _certificate(der: str, label: str, id_: str) -> dict:
    return {
        **decode_x509_certificate(bytes.fromhex(der)),
        Attribute.CLASS: ObjectClass.CERTIFICATE,
        Attribute.TOKEN: True,
        Attribute.PRIVATE: False,
        Attribute.LABEL: label,
        Attribute.ID: bytes.fromhex(id_),
    }


if __name__ == "__main__":
    main()
