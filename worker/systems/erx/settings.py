"""The settings of the eRx package. What the document leaves open is a setting (docs/systems/erx.md)."""

from __future__ import annotations

import re
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import (
    AfterValidator,
    Field,
    HttpUrl,
    SecretStr,
    model_validator,
)

from contracts.erx.prescription import Category
from worker.setting_types import HttpsUrl, ProbePath, SettingsModel, TimeZoneName, must_be
from worker.systems.answer_settings import NOT_PROCESSED, NotProcessedStatuses, OperatorError
from worker.transport.settings import TransportSettings

Uri = Annotated[
    str, must_be(r"[a-z]+:[!-~]+", "an address of a code system, as http://erx.e-health.bg/ns/nnbgr")
]
AccountName = Annotated[str, must_be(r"[!-9;-~]{1,100}", "1 to 100 characters without spaces and colons")]
Code = Annotated[str, must_be(r"[!-~]{1,50}", "1 to 50 characters without spaces")]
Prefix = Annotated[str, must_be(r"[A-Z]{2,10}", "2 to 10 capital letters, as ERXI")]


_WRONG_CLIENT = re.compile(r"(?i)грешни\s+клиентски|wrong\s+client\s+authentication")
_OPERATOR_ERRORS = (OperatorError(says=_WRONG_CLIENT),)


def _base(url: HttpUrl) -> HttpUrl:
    """Check an address to which paths are appended."""
    if url.query is not None or url.fragment is not None or url.username or url.password:
        raise ValueError("must be an address without a user, a query (?) and a fragment (#)")
    return url


class Name(StrEnum):
    """The operations' names, as replies and settings say them."""

    REGISTER = "user.register"
    WHO_AM_I = "user.whoami"
    ISSUE = "prescription.issue"
    GENERATE = "barcode.generate"
    RESERVE = "barcode.reserve"
    IMAGE = "barcode.image"
    SEARCH = "prescription.search"
    DISPENSED = "dispensing.search"
    PHARMACY = "pharmacy.search"


class Secret(SettingsModel):
    """A password, by file or by variable."""

    password_file: Path | None = None
    """A file that holds the password; a line break at its end does not count. This or `password`."""
    password: SecretStr | None = None
    """The password itself: by variable only."""

    @model_validator(mode="after")
    def _one_password(self) -> Self:
        if (self.password_file is None) == (self.password is None):
            raise ValueError("exactly one of password_file and password must be given")
        return self


class Account(Secret):
    """A name and its password."""

    username: AccountName
    """The name to log in with."""


class User(Account):
    """Who a signer is to the register."""

    role: Literal["user", "admin"] = "user"
    """The user's role: an `admin` registers users."""


class ErxSettings(SettingsModel):
    """Everything about one eRx register: where it is, who logs in, and what is only inferred of it."""

    api_url: Annotated[HttpsUrl, AfterValidator(_base)] = HttpUrl("https://stgerx2.e-health.bg")
    """The register's address: by default its staging system; `https://erx2.e-health.bg` in production."""
    probe_path: ProbePath | None = "/"
    """Inferred: what a probe asks for, under `api_url`, by GET without a token. Any answer except a 5xx means that
    the register is reachable; no probe decides anything alone. `null`: no probes."""
    client: Account
    """The account of the client software: Basic authentication of every login, given by the register."""
    users: dict[str, User] = Field(default_factory=dict)
    """The users who log in, by the name that events give as their `signer`."""
    secrets: dict[str, Secret] = Field(default_factory=dict)
    """Passwords of users to be registered, by the name that events give as `credentials`."""
    accept_language: Literal["bg-BG", "en-EN"] = "bg-BG"
    """The language of the register's messages."""
    time_zone: TimeZoneName = "Europe/Sofia"
    """The time zone of the days in barcodes."""

    profile: Literal["2020-06", "2020-09"] = "2020-06"
    """The text of the document that the register follows: June 2020, or the newer one of September 2020."""
    seed: Literal["sent", "left-out"] | None = None
    """Whether Herald sends a prescription with its seed; by default as in the profile (2020-09: sent)."""
    category_as: Literal["coding", "query"] | None = None
    """The place of a prescription's category; by default as in the profile (2020-09: query)."""
    category_codes: dict[Category, Code] = Field(default_factory=dict)
    """Codes of categories as codings; by default `nhif` for N, A, B and C, and the letter itself for the others."""
    barcode_prefix: Prefix | None = None
    """The prefix of an offline barcode; by default as in the profile (`ERXI`, 2020-09: `ERXE`)."""
    lnch_system: Uri = "http://erx.e-health.bg/ns/bg-tpr"
    """The code system of a patient's LNCh; the document shows only the EGN."""
    resource_server: Code = "erx-resource-server"
    """The resource server of a new user's roles (2020-09: none are sent)."""
    user_roles: tuple[Code, ...] = ("niset_user",)
    """The roles of a new user, which depend on the client software (2020-09: none are sent)."""

    never_resend: frozenset[Name] = frozenset()
    """Operations whose unknown outcomes always wait for a person, regardless of their own rule."""
    server_failures: tuple[re.Pattern[str], ...] = (
        re.compile(r"(?i)случайна\s+грешка|internal\s+server\s+error"),
    )
    """Sentences of an unsuccessful answer that state no refusal: the register failed, it did not decide."""
    token_refusals: tuple[re.Pattern[str], ...] = (
        re.compile(r"(?i)грешни\s+автентикационни\s+параметри|^\s*unauthorized\s*$"),
    )
    """Inferred: sentences of an unsuccessful answer that mean what 401 means."""
    half_made_accounts: tuple[re.Pattern[str], ...] = (
        re.compile(
            r"(?i)интегр\w*\s+на\s+данните|data\s+integrity"
            r"|не\s+са\s+записани\s+във\s+fhir|practitionerrole\s+is\s+not\s+saved"
        ),
    )
    """Inferred: sentences of an unsuccessful registration after which the account may be there, whole or in part. The
    new user's own login and record settle it; where they do not, a person decides."""
    client_refusals: tuple[re.Pattern[str], ...] = (_WRONG_CLIENT,)
    """Sentences of a refused login that blame the account of the client software, not the user's."""
    operator_errors: tuple[OperatorError, ...] = _OPERATOR_ERRORS
    """Errors of an unsuccessful answer that only an operator can remove: such a submission fails, and can be replayed.
    By default that of the document which blames the account of the client software."""
    not_processed_statuses: NotProcessedStatuses = NOT_PROCESSED
    """Inferred: statuses by which a gateway refuses a message unread, so that sending it again is safe. Of operations
    that are never sent twice, only 429 counts."""
    not_processed_by_operation: dict[Name, NotProcessedStatuses] = Field(default_factory=dict)
    """The same for single operations, by name, in place of `not_processed_statuses`: a 5xx for an operation
    that is never sent twice counts only here."""

    transport: TransportSettings = TransportSettings()
    """Time limits, the largest answer, and which certificate authorities to trust."""
    token_life: Annotated[float, Field(gt=0)] = 600.0
    """Seconds for which Herald uses a token that states no end."""
    token_renewal_margin: Annotated[float, Field(ge=0)] = 60.0
    """Seconds before its end at which a token is renewed, at most half of its life."""

    @property
    def newer(self) -> bool:
        """Whether the register follows the newer text."""
        return self.profile == "2020-09"

    @property
    def sends_seed(self) -> bool:
        """Whether a prescription goes with its seed."""
        return self.newer if self.seed is None else self.seed == "sent"

    @property
    def category_in_query(self) -> bool:
        """Whether a prescription's category is a parameter of the address."""
        return self.newer if self.category_as is None else self.category_as == "query"

    @property
    def prefix(self) -> str:
        """What a barcode made offline begins with."""
        return self.barcode_prefix or ("ERXE" if self.newer else "ERXI")

    def category_code(self, category: Category) -> str:
        """Return the code of a category as a coding."""
        paid = category not in {Category.WHITE, Category.GREEN, Category.YELLOW}
        return self.category_codes.get(category, "nhif" if paid else category.value)

    def url(self, path: str) -> str:
        """Return the address of a service path."""
        return str(self.api_url).rstrip("/") + path
