"""Signatures are checked by libxmlsec1 and signxml; the canonical form also by the standard library (no libxml2)."""

import base64
import copy
import hashlib
from xml.etree.ElementTree import canonicalize

import pytest
import xmlsec
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from tests.support.signing.certificates import issue
from tests.support.signing.signers import failing
from tests.support.signing.xmlsec_verify import verified_body
from tests.support.systems.kz_shep.soap import DS, NAMESPACES, SOAP, TYPES, WSSE, WSU, X509_V3
from worker.signing.port import SigningFailed
from worker.signing.signxml_verifier import soap_body, verify
from worker.signing.wsse.names import SOAP_12
from worker.signing.wsse.sign import WsseSigner, sign_body

REQUEST = f"""<S:Envelope xmlns:S="{SOAP}"><S:Header/><S:Body><t:SendMessage xmlns:t="{TYPES}"><request>
<requestInfo><messageId>1</messageId></requestInfo><requestData>
<data xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:m="urn:m" xsi:type="m:Search"><iin>1</iin></data>
</requestData></request></t:SendMessage></S:Body></S:Envelope>"""


def envelope(body="", *, head="<S:Header/>", attributes="", around=("", "")):
    return f'{around[0]}<S:Envelope xmlns:S="{SOAP}" {attributes}>{head}<S:Body>{body}</S:Body></S:Envelope>{around[1]}'


DOCUMENTS = {
    "a request": REQUEST,
    "empty body": envelope(),
    "no header": envelope("<a/>", head=""),
    "white space around": envelope("<a/>", head=" \n <S:Header/> \n"),
    "default namespace for SOAP": (
        f'<Envelope xmlns="{SOAP}"><Body><a xmlns=""><b/></a><z xmlns="urn:z"/></Body></Envelope>'
    ),
    "default namespace for the content": envelope('<a><b xmlns=""/></a>', attributes='xmlns="urn:d"'),
    "our prefixes taken": envelope(
        "<wsu:a/><ds:b/><wsse:c/>", attributes='xmlns:wsu="urn:1" xmlns:ds="urn:2" xmlns:wsse="urn:3"'
    ),
    "our namespaces under other prefixes": envelope(
        "<a/>", attributes=f'xmlns:u="{WSU}" xmlns:d="{DS}" xmlns:w="{WSSE}"'
    ),
    "our namespaces by default": envelope("<a/>", attributes=f'xmlns="{WSSE}"'),
    "prefix only in a value": envelope('<a t="m:x"/>', attributes='xmlns:m="urn:m"'),
    "inherited xml attributes": envelope("<a> </a>", attributes='xml:lang="kk" xml:space="preserve"'),
    "comments and instructions": envelope(
        "<a><!-- b --><?p d?>1<!-- c -->2</a>", around=("<?o?><!-- a -->", "<!-- z --><?o?>")
    ),
    "the place's bytes as text": envelope(
        "&lt;?herald-signature?&gt;<![CDATA[<?herald-signature?>]]><?herald-signature?>",
        attributes='a="&lt;?herald-signature?>"',
    ),
    "characters to escape": envelope(
        "<a b=\"&lt;&amp;&quot;&gt;'&#9;&#10;&#13;\">&lt;&amp;&gt;'&#13;&#9;]]&gt;</a>"
    ),
    "kazakh": envelope("<a b='Әжібек Ұлпан'>Ғ Қ Ң Ө Ү Һ І \U0001f489</a>"),
}


@pytest.mark.parametrize("soap", [SOAP, SOAP_12.namespace], ids=["1.1", "1.2"])
@pytest.mark.parametrize("text", DOCUMENTS.values(), ids=DOCUMENTS.keys())
async def test_libxmlsec_and_signxml_accept_and_the_standard_library_sees_the_same_body(text, soap, key):
    text = text.replace(SOAP, soap)
    signed = await sign_body(etree.fromstring(text.encode()), key)
    body = verified_body(signed, key.known.certificate)
    assert digest_in(signed) == independent_digest(body)
    require_signxml_accepts(signed, key.known)
    assert says(body) == says(etree.fromstring(text.encode()).find("S:Body", {"S": soap}))


def digest_in(signed):
    return base64.b64decode(etree.fromstring(signed).findtext(".//ds:DigestValue", namespaces=NAMESPACES))


def independent_digest(body):
    return hashlib.sha256(independent_form(body)).digest()


def independent_form(body):
    """By C14N 2.0, which without its options is exclusive C14N."""
    alone = copy.deepcopy(body)
    alone.tail = None
    return canonicalize(etree.tostring(alone, encoding="unicode")).encode()


def says(body):
    """What a Body says to those who read it, its new id aside."""
    alone = copy.deepcopy(body)
    alone.attrib.pop(f"{{{WSU}}}Id", None)
    alone.tail = None
    etree.strip_tags(alone, etree.Comment)
    return [(str(one.tag), one.text or "", one.tail or "", dict(one.attrib)) for one in alone.iter()]


async def test_profile(key):
    signed = await sign_body(etree.fromstring(REQUEST), key, new_id=lambda: "id-1")
    root = etree.fromstring(signed)
    (security,) = root.findall("S:Header/*", NAMESPACES)
    assert (security.tag, dict(security.attrib)) == (
        f"{{{WSSE}}}Security",
        {f"{{{SOAP}}}mustUnderstand": "1"},
    )
    assert dict(root.find("S:Body", NAMESPACES).attrib) == {f"{{{WSU}}}Id": "id-1"}
    assert b'wsu:Id="id-1"' in signed
    exclusive = {"Algorithm": "http://www.w3.org/2001/10/xml-exc-c14n#"}
    assert [
        (f"{one.prefix}:{etree.QName(one).localname}", dict(one.attrib)) for one in security[0].iter()
    ] == [
        ("ds:Signature", {}),
        ("ds:SignedInfo", {}),
        ("ds:CanonicalizationMethod", exclusive),
        ("ds:SignatureMethod", {"Algorithm": "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"}),
        ("ds:Reference", {"URI": "#id-1"}),
        ("ds:Transforms", {}),
        ("ds:Transform", exclusive),
        ("ds:DigestMethod", {"Algorithm": "http://www.w3.org/2001/04/xmlenc#sha256"}),
        ("ds:DigestValue", {}),
        ("ds:SignatureValue", {}),
        ("ds:KeyInfo", {}),
        ("wsse:SecurityTokenReference", {}),
        (
            "wsse:KeyIdentifier",
            {
                "EncodingType": X509_V3.split("x509-")[0] + "soap-message-security-1.0#Base64Binary",
                "ValueType": X509_V3,
            },
        ),
    ]
    certificate = base64.b64decode(security.findtext(".//wsse:KeyIdentifier", namespaces=NAMESPACES))
    assert certificate == key.known.certificate.public_bytes(Encoding.DER)


async def test_each_signature_has_an_id_of_its_own(key):
    documents = [await sign_body(etree.fromstring(REQUEST), key) for _ in range(2)]
    ids = {etree.fromstring(one).find("S:Body", NAMESPACES).get(f"{{{WSU}}}Id") for one in documents}
    assert len(ids) == 2
    assert all(one.startswith("id-") and len(one) == 39 for one in ids)


async def test_declares_utf8_and_is_utf8(key):
    signed = await sign_body(etree.fromstring(DOCUMENTS["kazakh"]), key)
    assert signed.startswith(b'<?xml version="1.0" encoding="UTF-8"?>\n<S:Envelope ')
    assert "Әжібек Ұлпан" in signed.decode("utf-8")


async def test_leaves_the_tree_as_it_is(key):
    root = etree.fromstring(DOCUMENTS["comments and instructions"])
    before = etree.tostring(root.getroottree())
    await sign_body(root, key)
    assert etree.tostring(root.getroottree()) == before


async def test_a_tree_that_was_built_and_not_parsed(key):
    root = etree.Element(f"{{{SOAP}}}Envelope", nsmap={"S": SOAP, None: "urn:outer"})
    body = etree.SubElement(root, f"{{{SOAP}}}Body")
    etree.SubElement(body, f"{{{TYPES}}}SendMessage").append(etree.Element("request", a="1\r\n"))
    signed = await sign_body(root, key)
    assert verified_body(signed, key.known.certificate).find("t:SendMessage", NAMESPACES) is not None


REFUSED = {
    "not SOAP": ("<a/>", "not a SOAP envelope"),
    "SOAP of no version": ('<S:Envelope xmlns:S="urn:soap"><S:Body/></S:Envelope>', "not a SOAP envelope"),
    "no body": (f'<S:Envelope xmlns:S="{SOAP}"/>', "0 Body elements"),
    "two bodies": (f'<S:Envelope xmlns:S="{SOAP}"><S:Body/><S:Body/></S:Envelope>', "2 Body elements"),
    "a header with something": (envelope(head="<S:Header><a/></S:Header>"), "Header must be absent or empty"),
    "a header with text": (envelope(head="<S:Header> </S:Header>"), "Header must be absent or empty"),
    "a header with an attribute": (envelope(head='<S:Header a="1"/>'), "Header must be absent or empty"),
    "two headers": (envelope(head="<S:Header/><S:Header/>"), "Header must be absent or empty"),
    "an id already": (envelope().replace("<S:Body>", f'<S:Body xmlns:u="{WSU}" u:Id="x">'), "wsu:Id already"),
    "a DTD": (envelope(around=("<!DOCTYPE a>", "")), "DTD"),
    "& in a namespace name": (envelope("<a xmlns='urn:a?b&amp;c'/>"), "namespace name"),
    "& in an escaped namespace name": (envelope("<x><a xmlns:b='urn:a?b&amp;amp;c'/></x>"), "namespace name"),
}


@pytest.mark.parametrize(("text", "problem"), REFUSED.values(), ids=REFUSED.keys())
async def test_what_is_not_signed(text, problem, key):
    with pytest.raises(ValueError, match=problem):
        await sign_body(etree.fromstring(text), key)
    with pytest.raises(SigningFailed, match=problem) as caught:
        await WsseSigner(key).sign_document(text.encode())
    assert not caught.value.transient


async def test_an_element_inside_another_is_refused(key):
    with pytest.raises(ValueError, match="whole document"):
        await sign_body(etree.fromstring(f"<a>{REQUEST}</a>")[0], key)


async def test_the_document_signer_signs_bytes(key):
    signer = WsseSigner(key, new_id=lambda: "id-2")
    signed = await signer.sign_document(REQUEST.encode())
    assert signer.name == key.name
    assert signed == await sign_body(etree.fromstring(REQUEST), key, new_id=lambda: "id-2")


@pytest.mark.parametrize(
    ("document", "problem"),
    [
        (b"<a", "not well-formed"),
        (b"", "empty"),
        (envelope("<a xmlns='../b'/>").encode(), "namespace name in the document is relative"),
    ],
)
async def test_the_document_signer_says_what_it_cannot_read(document, problem, key):
    with pytest.raises(SigningFailed, match=problem) as caught:
        await WsseSigner(key).sign_document(document)
    assert not caught.value.transient


async def test_a_failing_key_comes_through(key):
    broken = failing(key, "the token is not there", transient=True)

    with pytest.raises(SigningFailed, match="token is not there") as caught:
        await WsseSigner(broken).sign_document(REQUEST.encode())
    assert caught.value.transient


async def test_another_key_is_not_accepted(key):
    signed = await sign_body(etree.fromstring(REQUEST), key)
    with pytest.raises(xmlsec.Error):
        verified_body(signed, issue("another").certificate)


XML_TEXT = st.text(
    st.characters(
        exclude_categories=["Cs", "Cc"], include_characters="\t\n\r", exclude_characters="\ufffe\uffff"
    ),
    max_size=30,
)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=XML_TEXT, value=XML_TEXT, tail=XML_TEXT)
async def test_any_text_verifies_and_arrives(text, value, tail, key):
    root = etree.fromstring(REQUEST)
    iin = root.find(".//iin")
    iin.text, iin.tail = text, tail
    iin.set("a", value)
    signed = await sign_body(root, key)
    body = verified_body(signed, key.known.certificate)
    received = body.find(".//iin")
    assert (received.text or "", received.get("a"), received.tail or "") == (text, value, tail)
    assert digest_in(signed) == independent_digest(body)
    require_signxml_accepts(signed, key.known)


def require_signxml_accepts(signed, certificate):
    """Raise where signxml does not find the Body signed, as the standard library canonicalises it."""
    root = etree.fromstring(signed)
    verify(signed, soap_body(str(root[0].tag)), certificate, content=independent_form(root[1]))
