"""Every section of the settings is of one kind: unknown keys refused, values in no error, fields told by docstrings."""

from typing import get_args

import pytest
from pydantic import BaseModel

from contracts.attribute_docs import descriptions
from worker.setting_types import SettingsModel
from worker.settings.model import Settings


def sections(model):
    for field in model.model_fields.values():
        for found in models_in(field.annotation):
            yield found
            yield from sections(found)


def models_in(annotation):
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in get_args(annotation):
        yield from models_in(inner)


SECTIONS = sorted(set(sections(Settings)), key=lambda one: one.__name__)


def test_there_are_sections():
    assert len(SECTIONS) > 20


@pytest.mark.parametrize("section", SECTIONS, ids=lambda one: one.__name__)
def test_a_section_is_a_settings_model(section):
    assert issubclass(section, SettingsModel)
    assert section.model_config == SettingsModel.model_config
    assert descriptions(section).keys() == section.model_fields.keys()
