"""Signatures: verified by libxmlsec1 over the Data as a document of its own, and in every variant."""

from __future__ import annotations

import base64
import hashlib

import pytest
import xmlsec
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from lxml import etree

from tests.support.systems.regix.envelopes import NS, PERSON_DATA, RELATIONS, egn_argument
from tests.support.systems.regix.reading import alone, result_of, verify

XADES = {"x": "http://uri.etsi.org/01903/v1.3.2#", "ds": NS["ds"]}


@pytest.fixture
def certificate_file(credentials, tmp_path):
    path = tmp_path / "signing.pem"
    path.write_bytes(credentials["signing"].certificate_pem())
    return path


@pytest.mark.parametrize("version", ["1.1", "1.2"])
@pytest.mark.parametrize("signature", ["sha256", "sha1"])
@pytest.mark.parametrize("matrix", ["true", "false"])
def test_a_signature_verifies(make, certificate_file, signature, version, matrix):
    answer = make(signature=signature).execute(sign="true", matrix=matrix, version=version)
    verify(answer.body, certificate_file)
    found = result_of(answer.body).find("ds:Signature", NS)
    method = found.find("ds:SignedInfo/ds:SignatureMethod", NS).get("Algorithm")
    assert method.endswith(f"rsa-{signature}")
    canonical = found.find("ds:SignedInfo/ds:CanonicalizationMethod", NS).get("Algorithm")
    assert canonical == "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"


@pytest.mark.parametrize(
    ("operation", "argument"),
    [
        (PERSON_DATA, egn_argument("PersonDataRequest")),
        (RELATIONS, egn_argument("RelationsRequest", root="RelationsRequestType")),
        (
            "TechnoLogica.RegiX.NOIHospitalSheetsAdapter.APIService.INOIHospitalSheetsAPI.GetHospitalSheetsData",
            (
                "<n:GetHospitalSheetsDataRequest "
                'xmlns:n="http://egov.bg/RegiX/NOI/HospitalSheets/GetHospitalSheetsDataRequest">'
                "<n:Identifier>5523057017</n:Identifier></n:GetHospitalSheetsDataRequest>"
            ),
        ),
        ("TechnoLogica.RegiX.RTSAdapter.APIService.IRTSAPI.GetRoutesTimeTable", "<a><b/></a>"),
    ],
)
def test_answers_of_every_namespace_verify(world, certificate_file, operation, argument):
    verify(world.execute(operation, argument, sign="true").body, certificate_file)


def test_the_signature_stands_beside_the_data(world):
    result = result_of(world.execute(sign="true").body)
    names = [etree.QName(child).localname for child in result]
    assert names == ["IsReady", "Data", "Signature", "HasError", "Error", "ServiceCallID"]
    first, second = result.findall("ds:Signature/ds:SignedInfo/ds:Reference", NS)
    assert first.get("URI") == "#data"
    transforms = [one.get("Algorithm") for one in first.iter(f"{{{NS['ds']}}}Transform")]
    assert transforms == ["http://www.w3.org/2000/09/xmldsig#enveloped-signature"]
    assert second.get("Type") == "http://uri.etsi.org/01903#SignedProperties"


def test_its_qualifying_properties(world):
    signature = result_of(world.execute(sign="true").body).find("ds:Signature", NS)
    properties = signature.find("ds:Object/x:QualifyingProperties/x:SignedProperties", XADES)
    about = properties.find("x:SignedSignatureProperties", XADES)
    assert about.findtext("x:SigningTime", namespaces=XADES) == "2026-01-02T03:04:05Z"
    assert about.findtext("x:SignerRoleV2/x:ClaimedRoles/x:ClaimedRole", namespaces=XADES) == "ПОДПИСАН ОТ"
    assert about.findtext("x:SignatureProductionPlaceV2/x:CountryName", namespaces=XADES) == "BG"
    assert about.find("x:SigningCertificateV2/x:Cert/x:CertDigest/ds:DigestValue", XADES) is not None
    assert signature.find("ds:KeyInfo/ds:X509Data/ds:X509Certificate", XADES) is not None


def test_it_does_not_verify_within_the_envelope(world, certificate_file):
    answer = world.execute(sign="true")
    with pytest.raises(xmlsec.Error):
        verify(answer.body, certificate_file, in_envelope=True)


def test_two_signatures_are_wrapped(make, certificate_file):
    result = result_of(make(signature="two").execute(sign="true").body)
    assert len(result.findall("d:Signature/ds:Signature", NS)) == 2
    assert result.find("ds:Signature", NS) is None


@pytest.mark.parametrize("signature", ["tampered", "stranger"])
def test_signatures_that_must_not_be_believed(make, certificate_file, signature):
    answer = make(signature=signature).execute(sign="true")
    with pytest.raises(xmlsec.Error):
        verify(answer.body, certificate_file)


def test_a_stranger_signs_rightly_for_itself(make, credentials, tmp_path):
    path = tmp_path / "stranger.pem"
    path.write_bytes(credentials["stranger"].certificate_pem())
    verify(make(signature="stranger").execute(sign="true").body, path)


@pytest.mark.parametrize(("variants", "sign"), [({"signature": "missing"}, "true"), ({}, "false")])
def test_an_answer_without_a_signature(make, variants, sign):
    result = result_of(make(**variants).execute(sign=sign).body)
    assert result.find("{*}Signature") is None


def test_a_signature_verifies_by_hand(world, credentials):
    result = result_of(world.execute(PERSON_DATA, egn_argument("PersonDataRequest"), sign="true").body)
    data, signature = alone(result.find("d:Data", NS)), result.find("ds:Signature", NS)
    canonical = etree.tostring(data, method="c14n")
    digest = base64.b64encode(hashlib.sha256(canonical).digest()).decode()
    assert signature.findtext("ds:SignedInfo/ds:Reference/ds:DigestValue", namespaces=NS) == digest
    data.append(signature)
    info = etree.tostring(signature.find("ds:SignedInfo", NS), method="c14n")
    value = base64.b64decode(signature.findtext("ds:SignatureValue", namespaces=NS))
    credentials["signing"].certificate.public_key().verify(value, info, PKCS1v15(), SHA256())
