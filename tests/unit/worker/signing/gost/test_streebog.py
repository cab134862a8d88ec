import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.signing.gost.streebog import streebog512

# RFC 6986, 10.1 and 10.2 (bytes in the order in which software writes them), and of no bytes at all.
HASHES = {
    "M1": (
        b"012345678901234567890123456789012345678901234567890123456789012",
        (
            "1b54d01a4af5b9d5cc3d86d68d285462b19abc2475222f35c085122be4ba1ffa"
            "00ad30f8767b3a82384c6574f024c311e2a481332b08ef7f41797891c1646f48"
        ),
    ),
    "M2": (
        "Се ветри, Стрибожи внуци, веютъ с моря стрелами на храбрыя плъкы Игоревы".encode("cp1251"),
        (
            "1e88e62226bfca6f9994f1f2d51569e0daf8475a3b0fe61a5300eee46d961376"
            "035fe83549ada2b8620fcd7c496ce5b33f0cb9dddc2b6460143b03dabac9fb28"
        ),
    ),
    "nothing": (
        b"",
        (
            "8e945da209aa869f0455928529bcae4679e9873ab707b55315f56ceb98bef0a7"
            "362f715528356ee83cda5f2aac4c6ad2ba3a715c1bcd81cb8e9f90bf4c1c1a8a"
        ),
    ),
}


@pytest.mark.parametrize(("data", "digest"), HASHES.values(), ids=HASHES.keys())
def test_streebog(data, digest):
    assert streebog512(data).hex() == digest


@given(data=st.binary(max_size=200))
def test_every_length_has_a_hash_of_its_own(data):
    digests = {streebog512(data), streebog512(data + b"\0"), streebog512(data + b"\1")}
    assert len(digests) == 3
    assert {len(one) for one in digests} == {64}
