"""An ended connection frees the memory of its TLS by itself, up to 300 KB: the garbage collector comes too rarely."""

import gc

import pytest

from tests.support.transport.failures import (
    FAST,
    HALF,
    closes_after_reading,
    reads,
    resets,
    resets_after_reading,
    starts_to_answer,
)
from tests.support.worker.installation import eventually
from worker.transport.port import DeliveryError

ENDS = {
    "answered": lambda connection: connection.read_request() and connection.answer(),
    "closed": closes_after_reading,
    "reset": resets_after_reading,
    "reset within the body": starts_to_answer(HALF, then=resets),
    "silent": reads,
}


@pytest.fixture
def collector():
    gc.collect()
    gc.disable()
    yield
    gc.enable()


async def tls_connections():
    return sum(type(one).__name__ == "SSLProtocol" for one in gc.get_objects())


@pytest.mark.parametrize("reuse", [True, False])
@pytest.mark.parametrize("end", ENDS)
async def test_an_ended_connection_needs_no_collector(end, reuse, clients, serve, collector):
    before = await tls_connections()
    peer, client = serve(ENDS[end]), clients(**FAST).plain()
    for _ in range(3):
        try:
            await client.request("POST", peer.url, headers={}, content=b"x", reuse=reuse)
        except DeliveryError:
            assert end != "answered"
    assert peer.connections == 3
    await client.aclose()
    await eventually(tls_connections, lambda number: number == before)
