"""What the nomenclatures are about, in English, for people who read a refusal (document D2 names them)."""

from __future__ import annotations

from types import MappingProxyType

from contracts.nhis.codes import VACCINE_LOTS

LIST_NAMES = MappingProxyType(
    {
        "CL001": "gender",
        "CL004": "identifier types",
        "CL005": "countries",
        "CL006": "medical specialties",
        "CL011": "diagnoses, ICD-10",
        "CL018": "sender types",
        "CL023": "performer roles",
        "CL029": "health insurance areas",
        "CL035": "units",
        "CL037": "vaccines",
        "CL038": "planned immunizations",
        "CL039": "immunization status",
        "CL040": "actions on the suspected medicine",
        "CL041": "counties",
        "CL042": "social groups",
        "CL043": "immunization status of a person",
        "CL044": "settlements, EKATTE",
        "CL045": "body sites",
        "CL046": "routes of administration",
        "CL082": "immunization programmes",
        "CL090": "adverse reactions: effect",
        "CL091": "adverse reactions: outcome",
        "CL092": "adverse reactions: dependency",
        "CL093": "adverse reactions: relation",
        VACCINE_LOTS: "vaccine lots",
    }
)
