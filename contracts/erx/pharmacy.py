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
    """The patient's first name. eRx `FirstName`."""
    middle_name: str | None = None
    """The patient's father's name. eRx `MiddleName`."""
    last_name: str | None = None
    """The patient's family name. eRx `LastName`."""
    age: int | None = None
    """The patient's age in years. eRx `Age`."""
    egn: str | None = None
    """The civil number (ЕГН). eRx `Egn`."""
    lnch: str | None = None
    """The number of a foreigner (ЛНЧ). eRx `Lnch`."""
    birth_date: str | None = None
    """The day of birth. eRx `BirthDate`."""
    sex: str | None = None
    """The patient's gender, as `male`. eRx `Sex`."""
    maternity_flag: bool | None = None
    """Whether the patient is in maternity. eRx `MaternityFlag`."""
    pregnancy_flag: bool | None = None
    """Whether the patient is pregnant. eRx `PregnancyFlag`."""


class PharmacyDosage(_Shown):
    """How to take a medication."""

    text: str | None = None
    """The instruction in words. eRx `Text`."""


class PharmacyRow(_Shown):
    """One medication."""

    line: int | None = None
    """The medication's number in the prescription, from 0. eRx `Line`."""
    nhif_code: str | None = None
    """The medication's code in the NHIF's list. eRx `NhifCode`."""
    icd_code: str | None = None
    """The diagnosis in ICD-10. eRx `IcdCode`."""
    description: str | None = None
    """The medication's name. eRx `Description`."""
    is_generic: bool | None = None
    """Whether another brand may be given. eRx `IsGeneric`."""
    prescribed_quantity: float | None = None
    """How much is prescribed. eRx `PrescribedQuantity`."""
    dispension_quantity: float | None = None
    """How much was given. eRx `DispensionQuantity`."""
    number_of_days: float | None = None
    """For how many days it is prescribed. eRx `NumberOfDays`; the text shows numbers alone, the meaning is inferred
    from the name."""
    price: float | None = None
    """Its price. eRx `Price`; the text shows no value and no currency."""
    medication_code_system_url: str | None = None
    """The code list of the medication, by its address. eRx `MedicationCodeSystemUrl`."""
    medication_code: str | None = None
    """The medication's code in that list. eRx `MedicationCode`."""
    dosage_instruction: PharmacyDosage | None = None
    """How it is taken. eRx `DosageInstruction`."""


class PharmacyPrescription(_Shown):
    """One prescription, or one strip of a form."""

    patient: PharmacyPatient | None = None
    """The patient of the prescription. eRx `Patient`."""
    prescription_booklet_no: str | None = None
    """The form's number. eRx `PrescriptionBookletNo`."""
    prescription_type: str | None = None
    """The form that it is written on, by its letter. eRx `PrescriptionType`."""
    prescription_rows: tuple[PharmacyRow, ...] | None = None
    """The medications, one row each. eRx `PrescriptionRows`."""
    state: str | None = None
    """How far it is, as `Active` or `Finished`. eRx `State`."""
    prescription_no: str | None = None
    """Its number, which is its barcode. eRx `PrescriptionNo`."""
    barcode: str | None = None
    """The text of its barcode. eRx `Barcode`."""
    prescription_date: str | None = None
    """When it was prescribed. eRx `PrescriptionDate`."""
    part: str | None = None
    """The strip of the form, as `PartA` or `PartNone`. eRx `Part`."""
