"""The ESB and what is behind it over real TLS: certificates, tokens, every back-end, large files."""

from __future__ import annotations

import hashlib
import ssl
from io import BytesIO

import aiohttp
import pytest
from cryptography.hazmat.primitives.serialization import pkcs12

from sandbox.authority import Authority
from sandbox.pki import DOCTORS
from tests.support.sandbox.edelivery.client import Client

MEGABYTE = 1024 * 1024


@pytest.mark.parametrize("form", [False, True])
async def test_a_token_and_a_call(hospital, form):
    given = (await hospital.ask_token(form=form)).json()
    assert (given["token_type"], given["expires_in"], given["scope"]) == ("Bearer", 3600, "/ed2*")
    headers = {"Authorization": f"Bearer {given['access_token']}"}
    answer = await hospital.send("GET", "/ed2/api/target-groups", headers=headers)
    assert (answer.status, len(answer.json())) == (200, 5)


async def test_an_introspection_gives_what_the_back_end_is_told(sandbox, hospital):
    await hospital.control("POST", "esb", {"inject": False})
    assert (await hospital.call("GET", "/ed2/api/target-groups")).status == 401
    query = {"token": await hospital.token(), "token_type_hint": "access_token"}
    said = (await hospital.send("POST", "/introspect", base=sandbox.token_url, params=query)).json()
    header = {"Dp-Miscinfo": said["miscinfo"]}
    assert (await hospital.call("GET", "/ed2/api/target-groups", headers=header)).status == 200


async def test_without_a_certificate_there_is_no_token_and_no_gateway(sandbox, hospital):
    token = await hospital.token()
    async with Client(sandbox, None) as nobody:
        assert (await nobody.ask_token()).status == 401
        headers = {"Authorization": f"Bearer {token}"}
        answer = await nobody.send("GET", "/ed2/api/target-groups", headers=headers)
        assert (answer.status, answer.json()["cause"][0]["code"]) == (401, "certificate_required")


async def test_a_token_of_another_certificate(sandbox, hospital):
    headers = {"Authorization": f"Bearer {await hospital.token()}"}
    async with Client(sandbox, "clinic") as clinic:
        assert (await clinic.send("GET", "/ed2/api/target-groups", headers=headers)).status == 401
        assert (await clinic.call("GET", "/ed2/api/target-groups")).status == 200


async def test_a_certificate_of_a_foreign_authority_is_refused_in_the_handshake(sandbox, tmp_path):
    credential = Authority.create("foreign").issue_signer(DOCTORS[0])
    (tmp_path / "c.pem").write_bytes(credential.certificate_pem() + credential.key_pem())
    context = ssl.create_default_context(cafile=str(sandbox.ca_file))
    context.load_cert_chain(tmp_path / "c.pem")
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=context)) as session:
        with pytest.raises(aiohttp.ClientError):
            await session.post(f"{sandbox.token_url}/token")


@pytest.mark.parametrize(
    ("path", "query", "member"),
    [
        ("/ed2/api/messages/inbox", {}, "result"),
        (
            "/orn/connector/v1/WebServiceUniqueNumber",
            {"bulstat": "999000101", "type_service": "1", "uri_service": "990001"},
            "orn",
        ),
        ("/epdeau/provider/suppliers", {"format": "json"}, "suppliers"),
    ],
    ids=["edelivery", "orn", "epdeau"],
)
async def test_every_back_end(hospital, path, query, member):
    answer = await hospital.call("GET", path, params=query)
    assert (answer.status, answer.content_type) == (200, "application/json")
    assert member in answer.json()


def upload(content, name="a.pdf"):
    form = aiohttp.FormData()
    form.add_field("file", BytesIO(content), filename=name, content_type="application/pdf")
    return form


async def test_a_file_and_a_letter_with_it(hospital):
    answer = await hospital.call("POST", "/ed2/upload/blobs?type=Temp", data=upload(b"%PDF invented"))
    blob = answer.json()["blobId"]
    fields = {"e2135802-5e34-4c60-b36e-c86d910a571a": [blob]}
    number = (await hospital.letter(fields=fields)).json()
    ledger = await hospital.control("GET", "ledger")
    assert [(one["messageId"], one["blobIds"]) for one in ledger["messages"]] == [(number, [blob])]
    assert ledger["counters"] == {"blobs.upload": {"uploaded": 1}, "messages.send": {"sent": 1}}


async def test_a_received_file_of_40_megabytes(hospital):
    files = [{"name": "голям.bin", "size": 40 * MEGABYTE}]
    made = await hospital.control("POST", "message", {"files": files})
    opened = (await hospital.call("GET", f"/ed2/api/messages/{made['messageId']}/open")).json()
    [[file]] = opened["fields"].values()
    status, length, parts = await hospital.chunks(file["downloadLink"])
    assert (status, length, len(parts) > 1) == (200, 40 * MEGABYTE, True)
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part)
    assert digest.hexdigest().upper() == file["hash"] == made["blobs"][0]["hash"]


async def test_an_upload_that_is_too_large_for_the_server_itself(sandbox, hospital, monkeypatch):
    monkeypatch.setattr("sandbox.edelivery.server._LARGEST_UPLOAD", MEGABYTE)
    async with type(sandbox)(sandbox.pki.directory) as small, Client(small) as client:
        answer = await client.call("POST", "/ed2/upload/blobs?type=Temp", data=upload(b"x" * 2 * MEGABYTE))
        assert (answer.status, answer.content_type) == (413, "text/html")
        assert (await client.control("GET", "ledger"))["blobs"] == []


async def test_reset_goes_back_to_the_start_at_both_ports(sandbox, hospital):
    fault = [{"kind": "status", "status": 503, "match": {"operation": "token"}}]
    await hospital.letter()
    await hospital.control("POST", "faults", fault, base=sandbox.token_url)
    await hospital.control("POST", "variants", {"rnu": "replaced"})
    await hospital.control("POST", "reset")
    ledger = await hospital.control("GET", "ledger")
    assert (ledger["messages"], ledger["esb"]["tokens"]) == ([], [])
    assert (await hospital.control("POST", "variants", {}))["rnu"] == "kept"
    assert (await hospital.ask_token()).status == 200
    assert (await hospital.call("GET", "/ed2/api/target-groups")).status == 401


async def test_time_passes_at_both_ports(hospital):
    assert (await hospital.call("GET", "/ed2/api/target-groups")).status == 200
    await hospital.control("POST", "clock", {"offset_seconds": 3601})
    assert (await hospital.call("GET", "/ed2/api/target-groups")).status == 401


def test_clients_have_keys_of_both_kinds(sandbox):
    for files in sandbox.clients.values():
        password = files.password_file.read_bytes()
        _, certificate, chain = pkcs12.load_key_and_certificates(files.pkcs12_file.read_bytes(), password)
        assert certificate.subject.rfc4514_string().startswith(f"CN={files.client.client_id}")
        assert len(chain) == 1
        assert oct(files.key_file.stat().st_mode)[-3:] == "600"
