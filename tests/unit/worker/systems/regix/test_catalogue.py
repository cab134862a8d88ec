"""The catalogue: all operations of public sources, each named once, and what an operator corrects."""

from __future__ import annotations

from collections import Counter

from contracts.regix.arguments import FIELDS
from worker.systems.port import Recovery
from worker.systems.regix.catalogue import FOLDER, catalogue, shipped_operations
from worker.systems.regix.listing import listed
from worker.systems.regix.settings import OwnOperation, RegixSettings

ALL = shipped_operations()


def test_it_has_every_operation_once():
    assert len(ALL) == 227
    assert max(Counter(entry.operation for entry in ALL.values()).values()) == 1
    assert all(entry.title and entry.register for entry in ALL.values())
    assert {entry.mark for entry in ALL.values()} == {"confirmed", "inferred"}


def test_a_short_name_is_the_methods_with_its_adapter_where_several_have_it():
    methods = Counter(entry.operation.rpartition(".")[2] for entry in ALL.values())
    for name, entry in ALL.items():
        *_, adapter, _, _, method = entry.operation.split(".")
        alone = methods[method] == 1
        assert name == (method if alone else f"{adapter.removesuffix('Adapter')}.{method}")


def test_what_sends_counts_as_writing():
    writing = {entry.operation.rpartition(".")[2] for entry in ALL.values() if entry.writes}
    assert len(writing) == 14
    assert all(name.startswith("Send") for name in writing)
    assert all(
        entry.recovery is (Recovery.HOLD if entry.writes else Recovery.REPEAT) for entry in ALL.values()
    )
    assert all(entry.mark == "inferred" for entry in ALL.values() if entry.writes)


def test_the_shapes_are_those_of_the_contract():
    typed = {name: entry for name, entry in ALL.items() if entry.argument}

    assert set(typed) == set(FIELDS)
    assert {entry.argument for entry in typed.values()} == {
        one.name for one in (FOLDER / "arguments").iterdir()
    }
    assert {entry.mark for entry in typed.values()} == {"confirmed"}


def test_every_name_is_one_that_settings_and_events_take():
    own = {entry.name: {"operation": entry.operation} for entry in ALL.values()}
    settings = RegixSettings.model_validate({"operations": own})
    assert set(settings.operations) == set(ALL)


def test_an_operator_adds_and_corrects():
    send = ALL["SendRequestForFosterParents"]
    own = catalogue(
        {
            "SendRequestForFosterParents": OwnOperation(operation=send.operation, writes=False),
            "GetNews": OwnOperation(operation="New.API.INewAPI.GetNews", title="News"),
            "ValidPersonSearch": OwnOperation(operation="Other.IAPI.Search", writes=False),
        }
    )

    assert len(own) == 228
    corrected = own["SendRequestForFosterParents"]
    assert (corrected.recovery, corrected.title, corrected.mark) == (Recovery.REPEAT, send.title, "settings")
    # In doubt, an operation writes.
    assert own["GetNews"].recovery is Recovery.HOLD
    assert own["ValidPersonSearch"].argument is None
    assert shipped_operations()["ValidPersonSearch"].argument


def test_the_list_for_people_has_all_of_them():
    shown = {one.name: one for one in listed(None)}

    assert set(shown) == set(ALL)
    assert shown["ValidPersonSearch"].argument == "typed"
    assert shown["GetActualState"].argument == "xml"
    own = RegixSettings(operations={"GetNews": OwnOperation(operation="New.API.INewAPI.GetNews")})
    assert {one.name for one in listed(own)} == {*ALL, "GetNews"}
