import pytest
from pydantic import ValidationError

from worker.transport.settings import TransportSettings


def test_defaults():
    assert TransportSettings().model_dump() == {
        "connect_timeout": 10.0,
        "answer_timeout": 60.0,
        "total_timeout": 90.0,
        "least_bytes_per_second": 16 * 1024,
        "max_answer_bytes": 8 * 1024 * 1024,
        "keepalive_seconds": 10.0,
        "max_connections": None,
        "ca_file": None,
    }


@pytest.mark.parametrize("name", ["verify", "ssl", "verify_tls", "proxy"])
def test_there_is_no_switch_against_verification_nor_for_anything_unknown(name):
    with pytest.raises(ValidationError, match=name):
        TransportSettings(**{name: False})


@pytest.mark.parametrize(
    "given",
    [
        {"connect_timeout": 0},
        {"answer_timeout": -1},
        {"max_answer_bytes": 0},
        {"max_connections": 0},
        {"total_timeout": 5},
        {"answer_timeout": 100},
    ],
)
def test_bounds(given):
    with pytest.raises(ValidationError):
        TransportSettings(**given)
