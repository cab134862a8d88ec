from worker.systems.unusable import Unusable


def test_the_first_that_knows_says_it_and_changes_are_seen():
    first, second = {"one": "no file"}, {"one": "no TLS", "two": "no TLS"}
    joined = Unusable(first, second)
    assert dict(joined) == {"one": "no file", "two": "no TLS"}
    assert len(joined) == 2
    del first["one"]
    second["three"] = "expired"
    assert dict(joined) == {"one": "no TLS", "two": "no TLS", "three": "expired"}
    assert "four" not in joined
