"""Who may publish on which topic, name which signer and ask for which operation."""

from __future__ import annotations

import pytest

from worker.pipeline.authorisation import Authorisation, Authorisations
from worker.plain_pattern import compiled


def rule(sources, signers, operations=("*",), topics=None):
    return Authorisation(
        compiled(sources),
        compiled(signers),
        compiled(operations),
        None if topics is None else compiled(topics),
    )


RULES = (
    rule(["/hospitals/a/his"], ["dr-a", "dr-b"], ["immunization.*"]),
    rule(["/hospitals/a/his"], ["dr-a"], ["adverse-reaction.register"]),
    rule(["/hospitals/b/*"], ["dr-c"], topics=["b.submissions"]),
)
ANSWERS = [
    ("/hospitals/a/his", "any", "dr-a", "immunization.register", True),
    ("/hospitals/a/his", "any", "dr-b", "immunization.search", True),
    ("/hospitals/a/his", "any", "dr-a", "adverse-reaction.register", True),
    # What two entries allow is not combined: dr-b may not report reactions.
    ("/hospitals/a/his", "any", "dr-b", "adverse-reaction.register", False),
    ("/hospitals/a/his", "any", "dr-c", "immunization.register", False),
    ("/hospitals/a/his", "any", "", "immunization.register", False),
    ("/hospitals/a/his", "any", "DR-A", "immunization.register", False),
    ("/hospitals/a/his", "any", "dr-a ", "immunization.register", False),
    ("/hospitals/a/his", "any", "dr-а", "immunization.register", False),  # a Cyrillic letter
    ("/hospitals/a/his/", "any", "dr-a", "immunization.register", False),
    ("/hospitals/%61/his", "any", "dr-a", "immunization.register", False),
    ("/hospitals/а/his", "any", "dr-a", "immunization.register", False),
    ("/hospitals/x/../a/his", "any", "dr-a", "immunization.register", False),
    ("/hospitals/a/his?x=/hospitals/b/", "any", "dr-c", "immunization.register", False),
    ("", "any", "dr-a", "immunization.register", False),
    ("/hospitals/b/his", "b.submissions", "dr-c", "certificate.fetch", True),
    ("/hospitals/b/his", "a.submissions", "dr-c", "certificate.fetch", False),
    ("/hospitals/c/his", "any", "dr-a", "immunization.register", False),
]


@pytest.mark.parametrize(("source", "topic", "signer", "operation", "allowed"), ANSWERS)
def test_one_entry_must_allow_all_of_it(source, topic, signer, operation, allowed):
    assert Authorisations(RULES).allows(source, topic, signer, operation) is allowed


def test_without_any_entry_all_is_allowed():
    nothing = Authorisations()
    assert nothing.allows("/his", "t", "dr-a", "immunization.register")
    assert nothing.may_name("/his", "t", "dr-a")
    assert nothing.takes("/his", "t")


def test_where_the_entries_are_about_other_systems_nothing_is_allowed():
    others = Authorisations(())
    assert not others.allows("/his", "t", "dr-a", "immunization.register")
    assert not others.may_name("/his", "t", "dr-a")
    # It is refused with a reply, as the event may well be of this source.
    assert others.takes("/his", "t")


def test_a_signer_that_is_allowed_for_something_may_be_named():
    authorisations = Authorisations(RULES)
    assert authorisations.may_name("/hospitals/a/his", "t", "dr-b")
    assert not authorisations.may_name("/hospitals/a/his", "t", "dr-c")
    assert not authorisations.may_name("/hospitals/b/his", "t", "dr-c")


BOUND = {"a": compiled(["/hospitals/a/*"]), "b": compiled(["/hospitals/b/*", "/hospitals/both"])}
TAKEN = [
    ("/hospitals/a/his", "a", True),
    ("/hospitals/a/his", "b", False),
    (
        "/hospitals/a/his",
        "free",
        False,
    ),  # or who may write to the free topic writes in the name of all others
    ("/hospitals/b/his", "b", True),
    ("/hospitals/c/his", "free", True),
    ("/hospitals/c/his", "a", False),
    ("/hospitals/a", "a", False),
    ("/hospitals/A/his", "a", False),
    ("/hospitals/A/his", "free", True),  # another source, which no rule need allow anything
    ("", "a", False),
]


@pytest.mark.parametrize(("source", "topic", "taken"), TAKEN)
def test_a_source_comes_only_on_topics_that_it_is_bound_to(source, topic, taken):
    assert Authorisations(None, BOUND).takes(source, topic) is taken


def test_a_source_may_be_bound_to_several_topics():
    both = {"old": compiled(["*"]), "new": compiled(["/hospitals/a/*"])}
    assert all(Authorisations(None, both).takes("/hospitals/a/his", topic) for topic in both)
    assert not Authorisations(None, both).takes("/hospitals/b/his", "new")


def test_a_source_whose_entries_all_name_topics_comes_on_those_alone():
    authorisations = Authorisations(RULES)
    assert authorisations.takes("/hospitals/b/his", "b.submissions")
    assert not authorisations.takes("/hospitals/b/his", "a.submissions")
    # No entry is about this source: it is refused for its signer, with a reply.
    assert authorisations.takes("/hospitals/c/his", "a.submissions")
