"""What a search shows is described as the same element of the event that registers it."""

from __future__ import annotations

import re

import pytest

from contracts.attribute_docs import descriptions
from contracts.nhis import found, immunization, people
from contracts.nhis.requests import Reaction

PAIRS = [
    (found.FoundName, people.PersonName),
    (found.FoundAddress, people.Address),
    (found.FoundPatient, people.Patient),
    (found.FoundQualification, people.Qualification),
    (found.FoundPerformer, people.Performer),
    (found.FoundDoseQuantity, immunization.DoseQuantity),
    (found.FoundExternalPrevious, immunization.ExternalPrevious),
    (found.FoundImmunization, immunization.Immunization),
    (found.FoundReaction, Reaction),
]
CODE_LIST = re.compile(r"\bC(?:L[0-9]{3}|004)\b")


@pytest.mark.parametrize(("shown", "registered"), PAIRS, ids=[pair[0].__name__ for pair in PAIRS])
def test_both_name_the_same_code_list(shown, registered):
    both = shown.model_fields.keys() & registered.model_fields.keys()
    assert both
    assert {name: lists(shown, name) for name in both} == {name: lists(registered, name) for name in both}


def lists(model, name):
    return CODE_LIST.findall(descriptions(model)[name])
