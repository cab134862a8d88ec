"""The two largest forms: NELK's expert decisions, and the medicinal product of NCPR."""

from __future__ import annotations

from sandbox.regix.shapes import NCPR, NELK, Shape, leaves

_COMMON = f"{NCPR}/Common"
_PRODUCT = f"{NCPR}/MedicinalProducts/GetMedicinalProductDataResponse"

_IDENTITY_DOCUMENT = leaves(NELK, "DocumentNumber IssueDate IssuePlace ValidDate")
_ADDRESS = leaves(NELK, "AddressDescription DistrictEKATTE MunicipalityEKATTE SettlementEKATTE")
_DECISION = (
    *leaves(NELK, "RegistrationNumber MeetingNumber RegistrationDate CommissionDescr CommissionCode"),
    Shape("CommisionMember", NELK, leaves(NELK, "Position Name")),  # spelt so
    *leaves(NELK, "PersonNames PersonIdentifier"),
    Shape("IdentityDocument", NELK, _IDENTITY_DOCUMENT),
    Shape("PermanentAddress", NELK, _ADDRESS),
    Shape("TemporaryAddress", NELK, _ADDRESS),
    *leaves(
        NELK,
        "Employment EmploymentCode Profession ConditionText ConditionCode ExpertiseType ExpertiseTypeCode "
        "ExpertiseDecisionMaking ExpertiseDecisionMakingCode ExpertisePlace ExpertisePlaceCode "
        "EmployabilityAssessment EmployabilityAssessmentCode AppealedHospitalSheets DurationForeignAid "
        "DurationDisabilityDate DurationDisability DurationDisabilityCode",
    ),
    Shape("DisabilityReason", NELK, leaves(NELK, "Date Percent Type")),
    *leaves(
        NELK,
        "Diagnosis DiagnosisCode GeneralIllness GeneralIllnessCode WorkAccident WorkAccidentCode WorkDisease "
        "WorkDiseaseCode MilitaryDisability MilitaryDisabilityCode ContradictionWorkingConditions "
        "RecommendationsForChild ArgumentsAndObservations ReceiptDate",
    ),
    Shape(
        "Appeal",
        NELK,
        leaves(
            NELK,
            "RegistrationNumber RegistrationDate Institution InstitutionCode Stakeholders StakeholdersCode "
            "Condition Decision DecisionCode",
        ),
    ),
    Shape(
        "Parent",
        NELK,
        (
            *leaves(NELK, "EGN LNCh PersonNames"),
            Shape("IdentityDocument", NELK, _IDENTITY_DOCUMENT),
            *leaves(NELK, "PermanentAddress TemporaryAddress"),
        ),
    ),
    Shape("AdditionalData", NELK, leaves(NELK, "EmployeeType Status ReasonForTermination")),
    Shape(
        "InitiateDocument", NELK, leaves(NELK, "RegistrationNumber RegistrationDate DocumentType Annotation")
    ),
)
EXPERT_DECISIONS = Shape("ExpertDecisionsResponse", NELK, (Shape("ExpertDecisionDocument", NELK, _DECISION),))

_PDL = (
    *leaves(_COMMON, "RegisterName PublishedAt RegisterCode Group"),
    Shape("ATCCodes", _COMMON, leaves(_COMMON, "ATCCode")),
    *leaves(
        _COMMON,
        "ReimbursementPercent ReimbursementValue DDDValue DDDUnit DDDReferentValue PackDDDNumber IsDddWHO "
        "PackPriceRefDDD PrescriptionRestrictions AverageTreatmentPeriod ConcomitantTreatmentSpecifics "
        "TreatmentSpecifics",
    ),
    Shape("ICDCodes", _COMMON, leaves(_COMMON, "ICDCode")),
)
_REGISTERS = (
    Shape(
        "MedicinalProductPDLRegistersData",
        _COMMON,
        (Shape("MedicinalProductPDLRegisterData", _COMMON, _PDL),),
    ),
    Shape(
        "MedicinalProductCeilingPricesRegisterData",
        _COMMON,
        (
            Shape(
                "MedicinalProductCeilingPriceRegisterData",
                _COMMON,
                leaves(_COMMON, "PublishedAt RegisterName RegisterCode"),
            ),
        ),
    ),
    Shape(
        "MedicinalProductMaxPricesRegisterData",
        _COMMON,
        (
            Shape(
                "MedicinalProductMaxPriceRegisterData",
                _COMMON,
                leaves(_COMMON, "PublishedAt RegisterName RegisterCode MaximumPrice"),
            ),
        ),
    ),
)
_PRODUCT_DATA = (
    *leaves(_COMMON, "MedicinalProductIdentifier NameBG NameEN"),
    *_REGISTERS,
    *leaves(
        _COMMON,
        "INN AuthorizationHolder AuthorizationNumber MedicamentForm Quantity MedicamentUnit FinalPack Producer "
        "ProducerDeclaredPrice ProducerPriceCurrency ProducerPriceExchangeRate ProducerPrice ProducerVat "
        "ProducerFinalPriceBGN MerchantMarginPercent MerchantMarginValue MerchantPriceNoVat MerchantVat "
        "MerchantFinalPriceBGN RetailerMarginPercent RetailerMarginValue RetailerPriceNoVat RetailerVat "
        "RetailerFinalPriceBGN",
    ),
)
MEDICINAL_PRODUCT = Shape(
    "GetMedicinalProductDataResponse", _PRODUCT, (Shape("MedicinalProductData", _PRODUCT, _PRODUCT_DATA),)
)
