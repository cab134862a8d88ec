"""Which stated errors are an operator's matter: a table, with the same columns for every system."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from contracts.reasons import Reason
from worker.outcome import Blocked, StatedError
from worker.systems.answer_settings import OperatorError, blocked_by

SIGNER = StatedError(type="E002", reason="Подписът е на друго лице.", description=("RL029",))
ACCESS = StatedError(type="E003", reason="Няма достъп до RL0291 или ARL029")
LOT = StatedError(type="E002", reason="Невалидна партида", faulty_attribute="lotNumber")
NAMELESS = StatedError()


@pytest.mark.parametrize(
    ("row", "fitting"),
    [
        ({"rule": "RL029"}, [SIGNER]),
        ({"type": "E003"}, [ACCESS]),
        ({"type": "E002"}, [SIGNER, LOT]),
        ({"type": "E002", "rule": "RL029"}, [SIGNER]),
        ({"type": "E003", "rule": "RL029"}, []),
        ({"says": "(?i)партида"}, [LOT]),
        ({"says": "E00"}, []),
        ({"type": "E00"}, []),
    ],
)
def test_all_that_a_row_gives_must_fit(row, fitting):
    errors = [SIGNER, ACCESS, LOT, NAMELESS]

    assert [one for one in errors if OperatorError.model_validate(row).fits(one)] == fitting


@pytest.mark.parametrize("word", ["RL029", "rl029", "RL 029", "RL-029", "(RL_029)", "Rl029:"])
def test_a_rule_is_found_however_it_is_written(word):
    assert OperatorError(rule="RL029").fits(StatedError(reason=f"Грешен подпис {word}"))


@pytest.mark.parametrize(
    "word",
    ["РЛ029", "рл 029", "РL029", "RЛ-029", "(РЛ_029)"],
    ids=["both letters", "small, with a space", "the first", "the second", "in brackets"],
)
def test_a_rule_is_found_in_cyrillic_letters(word):
    error = StatedError(reason=f"Грешен подпис {word}")
    assert OperatorError(rule="RL029").fits(error)
    assert not OperatorError(rule="RL020").fits(error)


@pytest.mark.parametrize("word", ["РЛ0291", "РЛ29", "ЛР029", "ЯЛ029", "Р.Л.029", "029"])
def test_other_words_in_cyrillic_letters_are_not_the_rule(word):
    assert not OperatorError(rule="RL029").fits(StatedError(reason=f"Грешен подпис {word}"))


@pytest.mark.parametrize(
    ("asked", "stated", "fits"),
    [
        ("E003", "\u0415003", True),
        ("\u0415003", "E003", True),
        ("\u0415003", "\u0415003", True),
        ("E003", " \u0415003 ", True),
        ("E003", "\u0415001", False),
        ("E003", "\u0435003", False),
        ("E003", "\u042d003", False),
        ("AccessDenied", "\u0410ccessDenied", True),
    ],
)
def test_a_type_is_recognized_in_letters_that_look_alike(asked, stated, fits):
    assert OperatorError(type=asked).fits(StatedError(type=stated)) is fits


@pytest.mark.parametrize("row", [{}, {"rule": "29"}, {"type": ""}, {"says": "("}, {"code": "E003"}])
def test_a_row_must_name_something_that_can_be_found(row):
    with pytest.raises(ValidationError):
        OperatorError.model_validate(row)


def test_one_error_of_the_table_blocks_and_all_of_them_are_kept():
    table = (OperatorError(type="E009"), OperatorError(rule="RL029"))

    blocked = blocked_by((LOT, SIGNER), table, system="NHIS", signed_by='signer "one"')

    detail = (
        'NHIS refused it for a reason that only an operator can remove (RL029); it was signed by signer "one"'
    )
    assert blocked == Blocked(Reason.ACCESS_DENIED, detail, (LOT, SIGNER))
    assert blocked_by((LOT, ACCESS), table, system="NHIS") is None
    assert blocked_by((), table, system="NHIS") is None


def test_no_text_of_the_answer_is_in_the_sentence():
    error = StatedError(type="Иван Иванов", reason="няма права: Иван Иванов")

    blocked = blocked_by((error,), (OperatorError(says="няма права"),), system="NHIF")

    assert blocked is not None
    assert "Иван" not in blocked.detail + repr(blocked)


@pytest.mark.parametrize(
    "error",
    [
        StatedError(faulty_attribute="header/senderId (RL029)"),
        StatedError(id="RL029-17"),
        StatedError(description=("", "x" * 100_000 + " RL029")),
        StatedError(reason="x" * 1_000_000 + " rl 029"),
        StatedError(type="RL029"),
    ],
    ids=["blamed", "id", "description", "reason", "type"],
)
def test_a_rule_is_found_wherever_an_error_names_it(error):
    assert OperatorError(rule="RL029").fits(error)
    assert not OperatorError(rule="RL028").fits(error)
    assert not OperatorError(says="RL029").fits(StatedError(reason="x" * 4000 + "RL029"))
