"""A prescription as the register shows it to a pharmacy, by the names of the text for pharmacies.

Members beyond these are in the answer, which the reply keeps beside our reading of it. Every one may be absent.
"""

from __future__ import annotations

from pydantic import ConfigDict
from pydantic.alias_generators import to_pascal

from contracts.model import ContractModel


class _Shown(ContractModel):
    model_config = ConfigDict(alias_generator=to_pascal)


class PharmacyPatient(_Shown):
    """For whom it was prescribed."""

    first_name: str | None = None
    """eRx `FirstName`."""
    middle_name: str | None = None
    """eRx `MiddleName`."""
    last_name: str | None = None
    """eRx `LastName`."""
    age: int | None = None
    """eRx `Age`, in years."""
    egn: str | None = None
    """eRx `Egn`: the civil number."""
    lnch: str | None = None
    """eRx `Lnch`: the number of a foreigner."""
    birth_date: str | None = None
    """eRx `BirthDate`."""
    sex: str | None = None
    """eRx `Sex`."""
    maternity_flag: bool | None = None
    """eRx `MaternityFlag`."""
    pregnancy_flag: bool | None = None
    """eRx `PregnancyFlag`."""


class PharmacyDosage(_Shown):
    """How to take a medication."""

    text: str | None = None
    """eRx `Text`."""


class PharmacyRow(_Shown):
    """One medication."""

    line: int | None = None
    """eRx `Line`: its number, from 0."""
    nhif_code: str | None = None
    """eRx `NhifCode`: its code in the NHIF's list."""
    icd_code: str | None = None
    """eRx `IcdCode`: the diagnosis (ICD-10)."""
    description: str | None = None
    """eRx `Description`: its name."""
    is_generic: bool | None = None
    """eRx `IsGeneric`: whether another one may be given."""
    prescribed_quantity: float | None = None
    """eRx `PrescribedQuantity`."""
    dispension_quantity: float | None = None
    """eRx `DispensionQuantity`: how much was given."""
    number_of_days: float | None = None
    """eRx `NumberOfDays`."""
    price: float | None = None
    """eRx `Price`."""
    medication_code_system_url: str | None = None
    """eRx `MedicationCodeSystemUrl`: the code list."""
    medication_code: str | None = None
    """eRx `MedicationCode`."""
    dosage_instruction: PharmacyDosage | None = None
    """eRx `DosageInstruction`."""


class PharmacyPrescription(_Shown):
    """One prescription, or one strip of a form."""

    patient: PharmacyPatient | None = None
    """eRx `Patient`."""
    prescription_booklet_no: str | None = None
    """eRx `PrescriptionBookletNo`: the form's number."""
    prescription_type: str | None = None
    """eRx `PrescriptionType`: the category."""
    prescription_rows: tuple[PharmacyRow, ...] | None = None
    """eRx `PrescriptionRows`."""
    state: str | None = None
    """eRx `State`, as `Active` or `Finished`."""
    prescription_no: str | None = None
    """eRx `PrescriptionNo`: its barcode."""
    barcode: str | None = None
    """eRx `Barcode`."""
    prescription_date: str | None = None
    """eRx `PrescriptionDate`."""
    part: str | None = None
    """eRx `Part`: the strip, as `PartA` or `PartNone`."""
