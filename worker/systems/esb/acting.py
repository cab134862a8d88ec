"""For whom a signer acts at the ESB."""

from __future__ import annotations

from dataclasses import field

from contracts.immutable import immutable


@immutable
class Acting:
    """For whom a signer acts: headers of the token request, which the ESB binds to the token.

    A wrong value acts for somebody else. Therefore the values come from the operator's settings alone (`Esb.acting`),
    and events at most name them. Source: public clients of the ESB (confirmed: `representedPersonID`,
    `correspondentOID`, `operatorID`, `OID`).
    """

    represented_person_id: str | None = field(default=None, repr=False)
    correspondent_oid: str | None = None
    operator_id: str | None = field(default=None, repr=False)
    oid: str | None = None
