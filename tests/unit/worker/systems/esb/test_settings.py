"""The section of the ESB: one for the installation, and nothing in it that acts for somebody by mistake."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from worker.systems.esb.acting import Acting
from worker.systems.esb.settings import EsbSettings


def test_by_default_it_is_the_test_environment():
    settings = EsbSettings()
    assert str(settings.token_url) == "https://integr-test.egov.bg:5050/"
    assert str(settings.gateway_url) == "https://integr-test.egov.bg:5051/"


@pytest.mark.parametrize(
    ("section", "said"),
    [
        ({"token_url": "https://integr-prod.egov.bg:5050"}, "one is in production and the other in the test"),
        (
            {"gateway_url": "https://integr-prod.egov.bg:5051"},
            "one is in production and the other in the test",
        ),
        ({"token_url": "http://esb.test:5050"}, "URL scheme should be 'https'"),
        ({"token_url": "https://esb.test:5050/token?x=1"}, "without a user, a query"),
        ({"acting": {"one": {"ward": {}}}}, "at least one of represented_person_id"),
        ({"acting": {"one": {"ward": {"oid": "2.16 .100"}}}}, "1 to 200 ASCII characters without spaces"),
        ({"acting": {"one": {"ward": {"oid": "2.16\r\nX: y"}}}}, "1 to 200 ASCII characters without spaces"),
        ({"acting": {"one": {"a ward": {"oid": "2.16.100"}}}}, "a name of at most 100 letters"),
        ({"parameters": "both"}, "'query' or 'form'"),
    ],
)
def test_what_it_refuses(section, said):
    with pytest.raises(ValidationError, match="validation error") as refused:
        EsbSettings.model_validate(section)
    assert said in str(refused.value)


def test_both_addresses_of_production_are_taken():
    hosts = {
        "token_url": "https://integr-prod.egov.bg:5050",
        "gateway_url": "https://integr-prod.egov.bg:5051",
    }
    assert EsbSettings.model_validate(hosts).gateway_url.host == "integr-prod.egov.bg"


def test_values_of_persons_are_in_no_representation():
    acting = Acting(represented_person_id="7223154154", operator_id="6101057509", oid="2.16.100")
    assert "7223154154" not in repr(acting)
    assert "6101057509" not in repr(acting)
