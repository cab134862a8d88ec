"""Fields are described by their docstrings, in schemas and on pages, and no class is made slower for it."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, create_model

from contracts.attribute_docs import DescribedModel, descriptions


class Part(DescribedModel):
    number: int
    """Its number."""


class Base(DescribedModel):
    told: str = ""
    """What the base
    tells.
    """
    given: str = Field("", description="What the field gives.")
    """Less than what the field gives."""
    plain: str = ""
    part: Part = Part(number=1)
    """Refers to another model."""

    class Inner(DescribedModel):
        told: Annotated[str, Field(alias="toldAs")]
        """Told inside."""


class Derived(Base):
    told: str = "told again, without a docstring"
    plain: str = ""
    """Described here alone."""


def test_docstrings_describe_the_fields_of_the_class_that_annotates_them():
    base = {
        "told": "What the base\ntells.",
        "given": "What the field gives.",
        "part": "Refers to another model.",
    }

    assert descriptions(Base) == base
    assert descriptions(Base.Inner) == {"told": "Told inside."}
    assert descriptions(Derived) == {
        "given": base["given"],
        "part": base["part"],
        "plain": "Described here alone.",
    }


def test_a_model_made_by_a_function_keeps_the_docstrings_of_its_base():
    made = create_model("Made", __base__=Base, more=(int, Field(1, description="More.")))

    assert descriptions(made) == {**descriptions(Base), "more": "More."}


def test_the_published_schema_has_them_by_alias_and_beside_references():
    schema = Base.model_json_schema()

    assert schema["properties"]["part"] == {
        "$ref": "#/$defs/Part",
        "default": {"number": 1},
        "description": "Refers to another model.",
    }
    assert schema["$defs"]["Part"]["properties"]["number"]["description"] == "Its number."
    assert "description" not in schema["properties"]["plain"]
    assert Base.Inner.model_json_schema()["properties"]["toldAs"]["description"] == "Told inside."
