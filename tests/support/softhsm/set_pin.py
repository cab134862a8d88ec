"""Changes a token's PIN; run by `SoftHsm.change_pin`, which writes both to its standard input."""

from __future__ import annotations

import json
import sys

import pkcs11


def main() -> None:
    """Change it."""
    told = json.load(sys.stdin)
    token = pkcs11.lib(told["module"]).get_token(token_label=told["token"])
    with token.open(rw=True, user_pin=told["old"]) as session:
        session.set_pin(told["old"], told["new"])


if __name__ == "__main__":
    main()
