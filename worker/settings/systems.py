"""The systems' sections of the settings: the one place in the settings that names the national systems."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Self

from pydantic import BaseModel, Field, PrivateAttr, create_model, model_validator

from worker.setting_types import SettingsModel

if TYPE_CHECKING:
    from collections.abc import Collection

SYSTEMS = {
    "nhis": "The Bulgarian National Health Information System.",
    "nhif": "The REST API of the Bulgarian National Health Insurance Fund.",
    "erx": "The Bulgarian eRx register of prescriptions (HL7 FHIR Lite).",
    "kz-shep": "Kazakhstan's gateway SHEP (ШЭП): the ministry's search for medical exemptions.",
    "regix": "RegiX V2, the exchange between Bulgarian registers.",
    "epayment": "Bulgaria's environment for electronic payments (еПлащане, pay.egov.bg).",
    "edelivery": "Bulgaria's system for secure electronic delivery (ССЕВ, edelivery.egov.bg), through the state ESB.",
    "eforms": "The Bulgarian platform for electronic forms (eForms), over eDelivery.",
    "peu": "Bulgaria's portal of e-government (ПЕУ, egov.bg): the operator's own WSDL, and the register over the ESB.",
}
"""Every system with what it is. Its section is of the class `<Name>Settings` in its package's module `settings`."""


class Sections(SettingsModel):
    """The national systems that this worker serves; one that is left out is not served."""

    _left_out: dict[str, BaseModel] = PrivateAttr(default_factory=dict)

    @model_validator(mode="after")
    def _serves_something(self) -> Self:
        if not self.configured():
            raise ValueError("configure at least one system")
        return self

    @classmethod
    def known(cls) -> list[str]:
        """Return the names of all systems there are."""
        return list(SYSTEMS)

    def configured(self) -> list[str]:
        """Return the names of the systems that this worker serves."""
        return list(self.sections())

    def only(self, names: Collection[str]) -> Self:
        """Return the sections of these systems alone."""
        only = self.model_copy(
            update={_setting(name): None for name in self.configured() if name not in names}
        )
        left_out = {name: one for name, one in self.sections().items() if name not in names}
        only._left_out = {**self._left_out, **left_out}  # noqa: SLF001 - of the same class
        return only

    def all_configured(self) -> list[str]:
        """Return the names of all systems in the configuration, also of those that only other workers serve."""
        return [*self.configured(), *self._left_out]

    def all_sections(self) -> dict[str, BaseModel]:
        """Return the settings of all systems in the configuration, also of those that only other workers serve."""
        return {**self.sections(), **self._left_out}

    def sections(self) -> dict[str, BaseModel]:
        """Return the settings of the systems that this worker serves, by name."""
        return {name: section for name in self.known() if (section := self.of(name)) is not None}

    def of(self, name: str) -> BaseModel | None:
        """Return the settings of a system by its name, None where it is not served."""
        section: BaseModel | None = getattr(self, _setting(name), None)
        return section


def _setting(system: str) -> str:
    """Return a system's name as settings and packages have it: with underscores."""
    return system.replace("-", "_")


def _field(system: str) -> tuple[Any, Any]:
    name = _setting(system)
    kind = "".join(word.capitalize() for word in name.split("_"))
    model = getattr(import_module(f"worker.systems.{name}.settings"), f"{kind}Settings")
    return (model | None, Field(default=None, description=SYSTEMS[system]))


if TYPE_CHECKING:
    # The type checker knows the class without its fields: a section is taken by `of`.
    SystemsSettings = Sections
else:
    SystemsSettings = create_model(
        "SystemsSettings",
        __base__=Sections,
        __module__=__name__,
        **{_setting(system): _field(system) for system in SYSTEMS},
    )
