import pytest

from tests.support.signing.certificates import issue, key_usage
from tests.support.transport.event_loops import pytest_asyncio_loop_factories
from tests.support.transport.tls_peer import Peer, server_context
from worker.transport import clients as clients_module
from worker.transport.client import AiohttpBackedClient
from worker.transport.clients import HttpClients
from worker.transport.httpx_client import HttpxClient
from worker.transport.settings import TransportSettings

__all__ = ["pytest_asyncio_loop_factories"]


@pytest.fixture(scope="session")
def authority():
    return issue("Test CA", authority=True)


@pytest.fixture(scope="session")
def server(authority):
    return issue("server", issuer=authority, hosts=("127.0.0.1",), usage=key_usage(digital_signature=True))


@pytest.fixture(scope="session")
def ca_file(authority, tmp_path_factory):
    file = tmp_path_factory.mktemp("ca") / "ca.pem"
    file.write_bytes(authority.pem())
    return file


@pytest.fixture
def serve(server):
    """Start a peer that follows a script; all are stopped at the end."""
    peers = []

    ordinary = server_context(server)

    def start(script, *, context=ordinary):
        peers.append(Peer(script, context).__enter__())
        return peers[-1]

    yield start
    for peer in peers:
        peer.__exit__()


@pytest.fixture(params=[AiohttpBackedClient, HttpxClient], ids=["aiohttp", "httpx"])
def kind(request):
    """The client that sends: each of the two for every request, where the worker chooses by what is sent."""
    return request.param


@pytest.fixture
async def clients(ca_file, kind, monkeypatch):
    """Make clients with the given settings; all are closed at the end."""
    made = []
    monkeypatch.setattr(clients_module, "DispatchingClient", kind)

    def make(**settings):
        made.append(HttpClients(TransportSettings(**{"ca_file": ca_file, **settings})))
        return made[-1]

    yield make
    for one in made:
        await one.aclose()
