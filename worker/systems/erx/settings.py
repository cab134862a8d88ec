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
from worker.transport.settings import TransportSettings

Uri = Annotated[
    str, must_be(r"[a-z]+:[!-~]+", "an address of a code system, as http://erx.e-health.bg/ns/nnbgr")
]
AccountName = Annotated[str, must_be(r"[!-9;-~]{1,100}", "1 to 100 characters without spaces and colons")]
Code = Annotated[str, must_be(r"[!-~]{1,50}", "1 to 50 characters without spaces")]
Prefix = Annotated[str, must_be(r"[A-Z]{2,10}", "2 to 10 capital letters, as ERXI")]


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
    """What the user may do: an `admin` registers users."""


class ErxSettings(SettingsModel):
    """Everything about one eRx register: where it is, who logs in, and what is only inferred of it."""

    api_url: Annotated[HttpsUrl, AfterValidator(_base)] = HttpUrl("https://stgerx2.e-health.bg")
    """Where the register is: by default its staging system; `https://erx2.e-health.bg` in production."""
    probe_path: ProbePath | None = "/"
    """Inferred: what a probe asks for, under `api_url`, by GET without a token. Any answer but a 5xx means that
    the register is reachable; none of them decides anything alone. `null`: no probes."""
    client: Account
    """The account of the client software: Basic authentication of every login, given by the register."""
    users: dict[str, User] = Field(default_factory=dict)
    """Who logs in, by the name that events give as their `signer`."""
    secrets: dict[str, Secret] = Field(default_factory=dict)
    """Passwords of users to be registered, by the name that events give as `credentials`."""
    accept_language: Literal["bg-BG", "en-EN"] = "bg-BG"
    """The language of the register's messages."""
    time_zone: TimeZoneName = "Europe/Sofia"
    """Where the days of barcodes begin."""

    profile: Literal["2020-06", "2020-09"] = "2020-06"
    """Which text of the document the register follows: that of June 2020, or the newer one of September."""
    seed: Literal["sent", "left-out"] | None = None
    """Whether a prescription goes with its seed; by default as the profile says (2020-09: sent)."""
    category_as: Literal["coding", "query"] | None = None
    """Where a prescription's category goes; by default as the profile says (2020-09: query)."""
    category_codes: dict[Category, Code] = Field(default_factory=dict)
    """Codes of categories as codings; by default `nhif` for N, A, B and C, and the letter itself for the others."""
    barcode_prefix: Prefix | None = None
    """What a barcode made offline begins with; by default as the profile says (`ERXI`, 2020-09: `ERXE`)."""
    lnch_system: Uri = "http://erx.e-health.bg/ns/bg-tpr"
    """In which system a patient's LNCh is; the document shows the EGN alone."""
    resource_server: Code = "erx-resource-server"
    """In whose roles a new user's roles are (2020-09: none are sent)."""
    user_roles: tuple[Code, ...] = ("niset_user",)
    """The roles of a new user, which depend on the client software (2020-09: none are sent)."""

    never_resend: frozenset[Name] = frozenset()
    """Operations whose unknown outcomes always wait for a person, whatever their own rule says."""
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
    client_refusals: tuple[re.Pattern[str], ...] = (
        re.compile(r"(?i)грешни\s+клиентски|wrong\s+client\s+authentication"),
    )
    """Sentences of a refused login that blame the account of the client software, not the user's."""
    not_processed_statuses: frozenset[Annotated[int, Field(ge=400, le=599)]] = frozenset({429, 503})
    """Inferred: statuses by which a gateway refuses a message unread, so that sending it again is safe."""

    transport: TransportSettings = TransportSettings()
    """Time limits, the largest answer, and which certificate authorities to trust."""
    token_life: Annotated[float, Field(gt=0)] = 600.0
    """Seconds that a token is used which does not say when it ends."""
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
