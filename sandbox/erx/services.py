"""The register's addresses, and what each of them does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.erx import code128, pharmacy, search
from sandbox.erx.barcodes import UNIQUE_KINDS, unique
from sandbox.erx.envelope import FHIR_JSON, as_json
from sandbox.erx.errors import Rejected, Unauthorized, invalid, missing_parameter
from sandbox.erx.reading import parameter
from sandbox.erx.users import MEDIC, User
from sandbox.stand_in import Answer, Request

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from sandbox.erx.accounts import Accounts
    from sandbox.erx.ledger import Ledger
    from sandbox.erx.prescriptions import Prescriptions
    from sandbox.erx.profile import Profile
    from sandbox.erx.store import Store
    from sandbox.erx.tokens import Tokens

LOGIN, PRESCRIPTION = "login", "prescription"
SEARCHES = {"/fhir/MedicationRequest": "MedicationRequest", "/fhir/MedicationDispense": "MedicationDispense"}
UNIQUE = {f"/helper/generate-{kind}-unique-barcode": kind for kind in UNIQUE_KINDS}
OPERATIONS: Mapping[tuple[str, str], str] = {
    ("POST", "/auth/login"): LOGIN,
    ("POST", "/auth/register"): "register",
    ("GET", "/user/me"): "whoami",
    ("POST", "/fhirlite/prescription"): PRESCRIPTION,
    **{("GET", path): "barcode" for path in UNIQUE},
    ("GET", "/print/barcode/code128"): "print",
    **{("GET", path): "search" for path in SEARCHES},
    ("GET", "/phs/prescription"): "pharmacy-read",
}
"""The operation of each method and path, as traits and the ledger name it."""

_OK, _BAD_REQUEST = 200, 400
_SCALE = "3"  # where the request has none: that of the documents' example


class Services:
    """Answers by operation: with an Answer where the form is its own, else with a result for the envelope."""

    def __init__(
        self,
        profile: Profile,
        *,
        now: Callable[[], datetime],
        new_id: Callable[[], str],
        tokens: Tokens,
        accounts: Accounts,
        prescriptions: Prescriptions,
        store: Store,
        ledger: Ledger,
    ) -> None:
        self._profile = profile
        self._now = now
        self._new_id = new_id
        self._tokens = tokens
        self._prescriptions = prescriptions
        self._store = store
        self._ledger = ledger
        self._by_name: Mapping[str, Callable[[Request], object]] = {
            LOGIN: accounts.login,
            "register": accounts.register,
            "whoami": accounts.whoami,
            PRESCRIPTION: self._issue,
            "barcode": self._barcode,
            "print": self._print,
            "search": self._search,
            "pharmacy-read": self._pharmacy,
        }

    def perform(self, operation: str, request: Request) -> object:
        """Do what is asked. Raises Unauthorized, Rejected."""
        done = self._by_name[operation](request)
        if request.method == "GET":
            self._ledger.reads[operation] += 1
        return done

    def _issue(self, request: Request) -> object:
        return self._prescriptions.issue(request, self._medic(request))

    def _barcode(self, request: Request) -> object:
        user = self._tokens.bearer(request.headers)
        code = _needed(request, "code")
        return unique(self._profile.offline_prefix, UNIQUE[request.path], self._now(), user.id, code)

    def _print(self, request: Request) -> object:
        """Draw a bar code; without a token, as the documents' page shows it in an `img`."""
        code, scale = _needed(request, "code"), parameter(request.query, "scale") or _SCALE
        scales = {str(number): number for number in range(1, code128.MAX_SCALE + 1)}
        problems = [] if code128.encodable(code) else [invalid(None, "code")]
        problems += [] if scale in scales else [invalid(None, "scale")]
        if problems:
            raise Rejected(problems)
        return Answer(_OK, code128.picture(code, scales[scale]), "image/png", kind="success")

    def _search(self, request: Request) -> object:
        self._medic(request)
        try:
            found = search.find(self._store, SEARCHES[request.path], request.query)
        except search.UnknownParameter as unknown:
            failure = search.outcome(f"Unknown search parameter: {unknown}", "invalid")
            return Answer(_BAD_REQUEST, as_json(failure), FHIR_JSON)
        base = f"https://{request.headers.get('host', 'erx.example')}/fhir"
        address = f"{base}/{SEARCHES[request.path]}?{request.query}"
        bundle = search.searchset(found, base, address, self._new_id())
        return Answer(_OK, as_json(bundle), FHIR_JSON, kind="success")

    def _pharmacy(self, request: Request) -> object:
        self._tokens.bearer(request.headers)
        return pharmacy.read(self._store, request.query, self._now().date())

    def _medic(self, request: Request) -> User:
        user = self._tokens.bearer(request.headers)
        if user.authority != MEDIC:
            raise Unauthorized
        return user


def _needed(request: Request, name: str) -> str:
    value = parameter(request.query, name)
    if value is None:
        raise Rejected([missing_parameter(name)])
    return value
