import pytest

from tests.support.signing.refused_secrets import RefusedSecretsConformance
from worker.signing.refused_secrets import SecretsRefusedHere, proof_of, secret_digest

KEY = bytes(32)


async def test_a_noted_secret_is_refused_and_no_other():
    memory = SecretsRefusedHere()
    key = await memory.key()
    await memory.note(secret_digest(key, b"1234", "token"))
    assert await memory.refused(secret_digest(key, b"1234", "token"))
    assert not await memory.refused(secret_digest(key, b"1235", "token"))
    assert not await memory.refused(secret_digest(key, b"1234", "other token"))


def test_the_digest_depends_on_each_part_and_on_where_one_ends():
    digests = {
        secret_digest(KEY, b"34", "12"),
        secret_digest(KEY, b"234", "1"),
        secret_digest(KEY, b"1234", ""),
        secret_digest(bytes(31) + b"\1", b"34", "12"),
    }
    assert len(digests) == 4
    assert secret_digest(KEY, b"34", "12") == secret_digest(KEY, b"34", "12")


def test_a_proof_names_the_place_and_needs_what_is_beside_the_secret():
    one = proof_of(KEY, b"1234", "credential 1", b"client")
    assert one == proof_of(KEY, b"1234", "credential 1", b"client")
    others = [
        proof_of(KEY, b"1235", "credential 1", b"client"),
        proof_of(KEY, b"1234", "credential 1", b"other"),
        proof_of(KEY, b"1234", "credential 2", b"client"),
    ]
    assert [other.place == one.place for other in others] == [True, True, False]
    assert one.digest not in [other.digest for other in others]
    assert one.digest != secret_digest(KEY, b"1234", "credential 1")


async def test_each_process_has_a_key_of_its_own():
    assert await SecretsRefusedHere().key() != await SecretsRefusedHere().key()


@pytest.fixture
def mine():
    return SecretsRefusedHere()


@pytest.fixture
def theirs(mine):
    return mine


class TestInThisProcess(RefusedSecretsConformance):
    """The same as of the journal."""
