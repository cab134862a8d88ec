"""RegiX's stand-in over real TLS: certificates, both endpoints, large answers, control, and the command."""

from __future__ import annotations

import json
import ssl
import subprocess
import sys
import urllib.request

import aiohttp
import pytest
from cryptography.hazmat.primitives.serialization import pkcs12

from sandbox.authority import Authority
from sandbox.pki import DOCTORS
from sandbox.regix.credentials import Credentials
from sandbox.regix.server import Sandbox
from tests.support.systems.regix.envelopes import (
    ASYNCHRONOUS,
    KNOWN,
    NS,
    RELATIONS,
    egn_argument,
    execute,
    soap11,
)
from tests.support.systems.regix.reading import response_of, result_of, said, verify


async def test_both_endpoints_answer_a_registered_certificate(regix, hospital):
    for answer in (await hospital.execute(sign="true"), await hospital.execute_12(sign="true")):
        assert answer.status == 200
        assert response_of(answer.content).findtext("v:FamilyName", namespaces=NS) == "Иванова"
        verify(answer.content, regix.credentials.signing_certificate_file)
    ledger = await hospital.control("GET", "ledger")
    assert [(one["soap"], one["consumer"]) for one in ledger["executions"]] == [
        ("1.1", "hospital"),
        ("1.2", "hospital"),
    ]
    assert all(one["deviations"] == [] for one in ledger["executions"])
    assert ledger["counters"] == {"Execute": {"answered": 2}}
    assert KNOWN not in json.dumps([ledger, await hospital.control("GET", "requests")])


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("former", "Access denied! ConsumerCertificate is not active"),
        ("unregistered", "Access denied! ConsumerCertificate is not found."),
    ],
)
async def test_the_certificate_decides(client_of, name, error):
    client = await client_of(name)
    answer = await client.execute()
    assert answer.status == 200
    assert said(answer.content)["Error"] == error


async def test_without_a_certificate_nothing_is_answered(client_of):
    client = await client_of(None)
    answer = await client.execute()
    assert (answer.status, answer.content_type) == (403, "text/html")
    ledger = await client.control("GET", "ledger")
    assert (ledger["executions"], ledger["refusals"]) == ([], [])


async def test_a_certificate_of_a_foreign_authority_is_refused_in_the_handshake(regix, tmp_path):
    credential = Authority.create("foreign").issue_signer(DOCTORS[0])
    (tmp_path / "c.pem").write_bytes(credential.certificate_pem() + credential.key_pem())
    context = ssl.create_default_context(cafile=str(regix.ca_file))
    context.load_cert_chain(tmp_path / "c.pem")
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=context)) as session:
        with pytest.raises(aiohttp.ClientError):
            await session.post(regix.basic_url, data=soap11(execute()))


async def test_an_asynchronous_call_from_taking_to_acknowledging(hospital):
    taken = said((await hospital.execute(processing=ASYNCHRONOUS)).content)
    call, code = taken["ServiceCallID"], taken["VerificationCode"]
    assert said((await hospital.ask("CheckResult", call, code)).content)["IsReady"] == "false"
    await hospital.control("POST", "clock", {"offset_seconds": 601})
    ready = await hospital.ask("CheckResult", call, code)
    assert response_of(ready.content).findtext("v:FirstName", namespaces=NS) == "Измислена"
    acknowledged = await hospital.ask("AcknowledgeResultReceived", call, code)
    assert acknowledged.status == 200
    assert b"AcknowledgeResultReceivedResponse" in acknowledged.content
    gone = said((await hospital.ask("CheckResult", call, code)).content)
    assert gone["Error"] == f"There is no operation known with the provided id: {call}"
    ledger = await hospital.control("GET", "ledger")
    assert [one["outcome"] for one in ledger["checks"]] == ["not-ready", "ready", "gone"]
    assert [one["outcome"] for one in ledger["acknowledgements"]] == ["removed"]


async def test_an_answer_of_25_megabytes(regix, hospital):
    await hospital.control("POST", "variants", {"answer_bytes": 25 * 1024 * 1024})
    argument = egn_argument("RelationsRequest", root="RelationsRequestType")
    answer = await hospital.execute(RELATIONS, argument, sign="true")
    assert 25 * 1024 * 1024 <= len(answer.content) < 80 * 1024 * 1024
    assert answer.content.startswith(b"<s:Envelope")
    assert answer.content.endswith(b"</s:Envelope>")


async def test_the_sandbox_starts_strict(directory, client_of):
    async with Sandbox(directory, strict=True) as sandbox:
        client = await client_of("hospital", sandbox)
        assert (await client.execute()).status == 200
        strange = execute().replace("sd:SignResult", "SignResult")
        answer = await client.post(soap11(strange))
        assert answer.status == 500
        assert b"SANDBOX-STRICT: ServiceRequestData has SignResult" in answer.content


async def test_reset_goes_back_to_the_start(hospital):
    await hospital.control("POST", "variants", {"strict": True})
    await hospital.execute(processing=ASYNCHRONOUS)
    await hospital.control("POST", "reset")
    assert (await hospital.control("POST", "variants", {}))["strict"] is False
    assert (await hospital.control("POST", "variants", {}))["async_seconds"] == 600.0
    assert said((await hospital.execute()).content)["ServiceCallID"] == "1"


def test_consumers_have_keys_of_both_kinds(regix_files):
    for files in regix_files.values():
        password = files.password_file.read_bytes()
        _, certificate, chain = pkcs12.load_key_and_certificates(files.pkcs12_file.read_bytes(), password)
        assert certificate.fingerprint(certificate.signature_hash_algorithm)
        assert len(chain) == 1
        assert oct(files.key_file.stat().st_mode)[-3:] == "600"


@pytest.fixture
def regix_files(directory):
    return Credentials.at(directory).consumers()


def test_the_command_runs_it(tmp_path):
    command = [sys.executable, "-m", "worker", "sandbox", "regix", "--dir", str(tmp_path), "--port", "0"]
    process = subprocess.Popen(
        [*command, "--async-seconds", "1.5"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    try:
        ready = json.loads(process.stdout.readline())
        consumer = next(one for one in ready["consumers"] if one["name"] == "hospital")
        context = ssl.create_default_context(cafile=ready["ca_file"])
        context.load_cert_chain(consumer["certificate_file"], consumer["key_file"])
        request = urllib.request.Request(  # noqa: S310 - the sandbox's own https address
            ready["basic_url"],
            soap11(execute()),
            {"Content-Type": "text/xml", "SOAPAction": "http://egov.bg/RegiX/IRegiXEntryPointV2/Execute"},
        )
        with urllib.request.urlopen(request, context=context) as answer:  # noqa: S310 - as above
            assert result_of(answer.read()).findtext("d:IsReady", namespaces=NS) == "true"
    finally:
        process.terminate()
        process.wait(10)
        process.stdout.close()
