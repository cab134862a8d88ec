"""Routes, secrets, peers and rates, by tables."""

from __future__ import annotations

from ipaddress import ip_network

import pytest

from worker.configuration_error import ConfigurationError
from worker.inbound.peers import counted_as, peer_of
from worker.inbound.rates import MOST_PEERS, Rates
from worker.inbound.routes import Found, Routes
from worker.inbound.secrets import is_one_of, secrets_in

OLD, NEW = "a" * 32, "B-_9" * 8
PROXIES = tuple(map(ip_network, ("10.0.0.0/8", "fd00::/8")))


@pytest.mark.parametrize(
    ("path", "found"),
    [
        (f"/epay/{OLD}", Found("epay", "")),
        (f"/epay/{OLD}/", Found("epay", "")),
        (f"/epay/{NEW}/status/1", Found("epay", "status/1")),
        (f"/epay/{NEW}//x", Found("epay", "/x")),
        (f"/epay/{NEW}/%2e%2e/x", Found("epay", "%2e%2e/x")),
        (f"/epay/{OLD[1:]}", None),
        (f"/epay/{OLD}x", None),
        (f"/epay/{OLD.upper()}", None),
        ("/epay/", None),
        ("/epay", None),
        ("/", None),
        ("", None),
        (f"epay/{OLD}", None),
        (f"//epay/{OLD}", None),
        (f"/x/epay/{OLD}", None),
        (f"/other/{OLD}", None),
        (f"/EPAY/{OLD}", None),
        (f"/epay/{OLD}%20", None),
        (f"/epay/%61{OLD[1:]}", None),
        ("/epay/\udcff", None),
        ("*", None),
    ],
    ids=range(21),
)
def test_a_route_needs_its_system_and_one_of_its_secrets(path, found):
    assert Routes({"epay": (OLD.encode(), NEW.encode())}).find(path) == found


def test_changed_secrets_take_the_place_of_the_earlier_ones():
    routes = Routes({"epay": (OLD.encode(),)})
    routes.replace("epay", (NEW.encode(),))
    assert routes.find(f"/epay/{OLD}") is None
    assert routes.find(f"/epay/{NEW}") == Found("epay", "")


def test_all_secrets_are_compared_whichever_fits(monkeypatch):
    compared = []
    monkeypatch.setattr(
        "worker.inbound.secrets.hmac.compare_digest", lambda one, other: compared.append(one) or one == other
    )
    assert is_one_of((b"1", b"2", b"3"), "1")
    assert compared == [b"1", b"2", b"3"]
    assert not is_one_of((b"1",), "")


def test_an_unknown_system_is_compared_as_well(monkeypatch):
    compared = []
    monkeypatch.setattr(
        "worker.inbound.secrets.hmac.compare_digest", lambda *both: bool(compared.append(both))
    )
    Routes({"epay": (OLD.encode(),)}).find(f"/other/{OLD}")
    assert len(compared) == 1


@pytest.mark.parametrize(
    ("text", "secrets"),
    [
        (f"{OLD}\n", (OLD,)),
        (f"\ufeff{OLD}\r\n\r\n  {NEW}  \n", (OLD, NEW)),
        ("\n".join(f"{number:032}" for number in range(10)), tuple(f"{number:032}" for number in range(10))),
    ],
    ids=["one", "two", "ten"],
)
def test_a_file_has_a_secret_a_line(tmp_path, text, secrets):
    (tmp_path / "secrets").write_text(text, encoding="utf-8")
    assert secrets_in(tmp_path / "secrets") == tuple(one.encode() for one in secrets)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "is empty"),
        (f"{OLD}\nshort\n", "line 2"),
        (f"{OLD}/x", "line 1"),
        (f"{'я' * 32}", "line 1"),
        ("a" * 201, "line 1"),
        ("\n".join(f"{number:032}" for number in range(11)), "has 11 secrets"),
    ],
    ids=["empty", "short", "slash", "letters", "long", "many"],
)
def test_a_file_that_is_of_no_use_is_refused_without_its_content(tmp_path, text, told):
    (tmp_path / "secrets").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigurationError) as refused:
        secrets_in(tmp_path / "secrets")
    assert told in str(refused.value)
    assert "short" not in str(refused.value)
    assert "aaaa" not in str(refused.value)


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(ConfigurationError, match="none cannot be read"):
        secrets_in(tmp_path / "none")


@pytest.mark.parametrize(
    ("remote", "forwarded", "peer"),
    [
        ("203.0.113.9", None, "203.0.113.9"),
        ("203.0.113.9", "198.51.100.1", "203.0.113.9"),
        ("10.0.0.1", None, "10.0.0.1"),
        ("10.0.0.1", "198.51.100.1", "198.51.100.1"),
        ("10.0.0.1", "6.6.6.6, 198.51.100.1", "198.51.100.1"),
        ("10.0.0.1", "6.6.6.6, 198.51.100.1, 10.0.0.2", "198.51.100.1"),
        ("10.0.0.1", "10.0.0.3,10.0.0.2", "10.0.0.3"),
        ("10.0.0.1", "198.51.100.1:4711", "198.51.100.1"),
        ("10.0.0.1", "[2001:db8::1]:80", "2001:db8::1"),
        ("10.0.0.1", "2001:db8::1", "2001:db8::1"),
        ("10.0.0.1", "unknown", "10.0.0.1"),
        ("10.0.0.1", "198.51.100.1, evil", "10.0.0.1"),
        ("10.0.0.1", "", "10.0.0.1"),
        ("::ffff:10.0.0.1", "198.51.100.1", "198.51.100.1"),
        ("fd00::1", "198.51.100.1", "198.51.100.1"),
        ("fe80::1%eth0", "198.51.100.1", "fe80::1"),
        (None, "198.51.100.1", "unknown"),
        ("", None, "unknown"),
    ],
    ids=range(18),
)
def test_only_a_trusted_proxy_says_who_calls(remote, forwarded, peer):
    assert peer_of(remote, forwarded, PROXIES) == peer


def test_a_chain_of_proxies_is_followed_for_a_bounded_time():
    assert peer_of("10.0.0.1", ",".join(["6.6.6.6", *["10.0.0.2"] * 1000]), PROXIES) == "10.0.0.2"


@pytest.mark.parametrize(
    ("peer", "counted"),
    [
        ("198.51.100.1", "198.51.100.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("unknown", "unknown"),
    ],
    ids=["v4", "v6", "unknown"],
)
def test_ipv6_is_counted_by_network(peer, counted):
    assert counted_as(peer) == counted


async def test_each_address_and_each_route_has_its_rate():
    rates = Rates({"a": 2.0, "b": 0.5}, 3.0)
    assert [await rates.takes_peer("1.1.1.1") for _ in range(4)] == [True, True, True, False]
    assert await rates.takes_peer("1.1.1.2")
    assert [await rates.takes_route("a") for _ in range(3)] == [True, True, False]
    assert [await rates.takes_route("b") for _ in range(2)] == [True, False]


async def test_the_addresses_that_are_remembered_are_bounded():
    rates = Rates({}, 1.0)
    assert await rates.takes_peer("first")
    assert not await rates.takes_peer("first")
    for number in range(MOST_PEERS):
        assert await rates.takes_peer(f"peer {number}")
    assert len(rates._peers) == MOST_PEERS
    assert await rates.takes_peer("first")  # forgotten, as the one that called the longest ago
