"""Signatures are checked by libxmlsec1 and by signxml: neither shares a line with the code that made them."""

import base64
import copy

import pytest
import xmlsec
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from tests.support.signing.certificates import issue
from tests.support.signing.signers import failing
from worker.signing.port import SigningFailed
from worker.signing.signxml_verifier import ENVELOPED, verify
from worker.signing.xmldsig import DS, sign_enveloped

MESSAGE = """<nhis:message xmlns:nhis="https://www.his.bg" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
 xsi:schemaLocation="https://www.his.bg https://www.his.bg/api/v1/NHIS-I001.xsd"><nhis:header>
 <nhis:sender value="1"/><nhis:messageId value="0e1c"/></nhis:header>
 <nhis:contents><nhis:note value="Пациентът е добре"/></nhis:contents>
</nhis:message>"""

DOCUMENTS = {
    "prefixed": MESSAGE,
    "default namespace": '<message xmlns="https://www.his.bg"><header><sender value="1"/></header></message>',
    "no namespace": "<message><header/></message>",
    "empty root": '<nhis:message xmlns:nhis="https://www.his.bg"/>',
    "default undone inside": '<m xmlns="https://www.his.bg"><a xmlns=""><b xmlns="urn:b"/></a></m>',
    "unused declarations, out of order": '<m xmlns:z="urn:z" xmlns:a="urn:a" xmlns:B="urn:B"/>',
    "one name, two prefixes": '<a:m xmlns:a="urn:a" xmlns:b="urn:a" xmlns="urn:a"><b:x b:y="1"/></a:m>',
    "the signature's own name taken": f'<m xmlns:ds="{DS}" xmlns:x="urn:x"><ds:Object>1</ds:Object></m>',
    "awkward namespace names": '<m xmlns:a="urn:a?b=1;c=\'%20"/>',
    "characters to escape": '<m a="&lt;&amp;&quot;&gt;\'&#9;&#10;&#13;">&lt;&amp;&gt;"\'&#13;&#9;]]&gt;</m>',
    "line breaks and tabs": '<m a="1\n2\t3">\r\n\t<b\n  c="d"  />\r</m>',
    "cyrillic": "<m a='Йорданка Щърбева'>Ваксина срещу коклюш — втора доза</m>",
    "outside the basic plane": "<m a='\U0001f489'>\U0001d7d8 \u0085\u2028</m>",
    "comments and more": "<?o?><!-- a --><m><!-- b --><?in </m> ?><a/><!-- c --></m><?z </m>?><!-- d -->",
    "character data": "<m><![CDATA[<a>&]]></m>",
}


def certificate_pem(key):
    return key.known.certificate.public_bytes(Encoding.PEM)


def xmlsec_accepts(signed, pem):
    """Whether libxmlsec1 accepts the Signature under the root as made with this certificate's key."""
    context = xmlsec.SignatureContext()
    context.key = xmlsec.Key.from_memory(pem, xmlsec.constants.KeyDataFormatCertPem)
    try:
        root = etree.fromstring(signed)
        context.verify(root.find(f"{{{DS}}}Signature"))
    except (etree.XMLSyntaxError, xmlsec.Error, TypeError):  # not XML, not valid, no Signature left
        return False
    return True


def require_signxml_accepts(signed, root, identity):
    """Raise where signxml does not find the content of `root` signed."""
    canonical = etree.tostring(copy.deepcopy(root), method="c14n", exclusive=False, with_comments=False)
    verify(signed, ENVELOPED, identity, content=canonical)


@pytest.mark.parametrize("text", DOCUMENTS.values(), ids=DOCUMENTS.keys())
async def test_both_verifiers_accept(text, key):
    root = etree.fromstring(text.encode())
    signed = await sign_enveloped(root, key)
    assert xmlsec_accepts(signed, certificate_pem(key))
    require_signxml_accepts(signed, root, key.known)


async def test_both_verifiers_accept_inherited_xml_attributes(key):
    """Inclusive C14N 1.0 repeats xml:* of the root on SignedInfo."""
    root = etree.fromstring('<m xml:lang="bg" xml:space="preserve" xml:id="m1" xml:base="urn:&amp;b">  </m>')
    signed = await sign_enveloped(root, key)
    assert xmlsec_accepts(signed, certificate_pem(key))
    require_signxml_accepts(signed, root, key.known)


async def test_a_tree_that_was_built_and_not_parsed(key):
    root = etree.Element(
        "{https://www.his.bg}message", nsmap={"nhis": "https://www.his.bg", None: "urn:other"}
    )
    note = etree.SubElement(root, "{https://www.his.bg}note", value="a\r\nb\tc")
    note.append(etree.ProcessingInstruction("p", "a\rb"))
    signed = await sign_enveloped(root, key)
    assert xmlsec_accepts(signed, certificate_pem(key))


NESTED = '<R xmlns="urn:d"><a><b><c><d/></c></b></a></R>'


async def test_an_element_beside_comments_keeps_its_namespaces(key):
    root = etree.fromstring(f"<!-- before -->{NESTED}<!-- after -->")
    signed = await sign_enveloped(root, key)
    assert content(etree.fromstring(signed), without_signature=True) == content(root)


async def test_an_element_taken_out_of_another_keeps_its_namespaces(key):
    outer = etree.fromstring(f"<outer>{NESTED}</outer>")
    root = outer[0]
    outer.remove(root)
    signed = await sign_enveloped(root, key)
    assert content(etree.fromstring(signed), without_signature=True) == content(root)
    assert xmlsec_accepts(signed, certificate_pem(key))


def content(element, *, without_signature=False):
    """What a document says, told without canonicalisation: names, attributes, text; comments do not count."""
    pieces = [text_of(element.text)]
    for child in element[:-1] if without_signature else element:
        if child.tag is etree.ProcessingInstruction:
            pieces.append((child.target, child.text))
        elif child.tag is not etree.Comment:
            pieces.append(content(child))
        pieces.append(text_of(child.tail))
    joined = []
    for piece in pieces:
        if isinstance(piece, str) and joined and isinstance(joined[-1], str):
            joined[-1] += piece
        else:
            joined.append(piece)
    return (element.tag, dict(element.attrib), joined)


def text_of(text):
    return text or ""


async def test_profile(key):
    root = etree.fromstring(await sign_enveloped(etree.fromstring(MESSAGE), key))
    signature = root[-1]
    assert signature.tag == f"{{{DS}}}Signature"
    assert signature.prefix is None
    assert signature.tail == "\n" or signature.tail is None
    shape = [
        (etree.QName(element).localname, dict(element.attrib), element.text if not len(element) else None)
        for element in signature.iter()
    ]
    digest, value, certificate = (
        signature.findtext(f".//{{{DS}}}{name}")
        for name in ("DigestValue", "SignatureValue", "X509Certificate")
    )
    assert shape == [
        ("Signature", {}, None),
        ("SignedInfo", {}, None),
        ("CanonicalizationMethod", {"Algorithm": "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"}, None),
        ("SignatureMethod", {"Algorithm": "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"}, None),
        ("Reference", {"URI": ""}, None),
        ("Transforms", {}, None),
        ("Transform", {"Algorithm": "http://www.w3.org/2000/09/xmldsig#enveloped-signature"}, None),
        ("DigestMethod", {"Algorithm": "http://www.w3.org/2001/04/xmlenc#sha256"}, None),
        ("DigestValue", {}, digest),
        ("SignatureValue", {}, value),
        ("KeyInfo", {}, None),
        ("X509Data", {}, None),
        ("X509Certificate", {}, certificate),
    ]
    assert certificate == "".join(certificate_pem(key).decode().splitlines()[1:-1])


async def test_declares_utf8_and_is_utf8(key):
    signed = await sign_enveloped(etree.fromstring("<m>Ваксина</m>"), key)
    assert signed.startswith(b'<?xml version="1.0" encoding="UTF-8"?>\n<m>')
    assert "Ваксина" in signed.decode("utf-8")


async def test_leaves_the_tree_as_it_is(key):
    root = etree.fromstring(DOCUMENTS["comments and more"])
    before = etree.tostring(root.getroottree())
    await sign_enveloped(root, key)
    assert etree.tostring(root.getroottree()) == before


async def test_signing_again_gives_the_same_bytes(key):
    root = etree.fromstring(MESSAGE)
    assert await sign_enveloped(root, key) == await sign_enveloped(root, key)


async def test_an_element_inside_another_is_refused(key):
    with pytest.raises(ValueError, match="whole document"):
        await sign_enveloped(etree.fromstring(MESSAGE)[0], key)


async def test_a_document_type_is_refused(key):
    root = etree.fromstring('<!DOCTYPE m [<!ATTLIST m a CDATA "1">]><m/>')
    with pytest.raises(ValueError, match="DTD"):
        await sign_enveloped(root, key)


async def test_a_namespace_name_that_the_canonical_form_would_break_is_refused(key):
    with pytest.raises(ValueError, match="namespace name"):
        await sign_enveloped(etree.fromstring('<m xmlns:a="urn:a?b=1&amp;c=2"/>'), key)


async def test_a_failing_key_comes_through(key):
    broken = failing(key, "the token is not there", transient=True)

    with pytest.raises(SigningFailed, match="token is not there"):
        await sign_enveloped(etree.fromstring(MESSAGE), broken)


async def test_every_changed_byte_fails(key):
    """Each byte of what is signed, three changes to each; the certificate beside it is not signed."""
    signed = await sign_enveloped(etree.fromstring(MESSAGE), key)
    pem = certificate_pem(key)
    key_info = range(signed.index(b"<KeyInfo"), signed.index(b"</Signature>"))
    tampered = [
        signed[:at] + bytes([signed[at] ^ change]) + signed[at + 1 :]
        for at in range(signed.index(b"<nhis:message"), len(signed))
        for change in (0x01, 0x02, 0x20)
        if at not in key_info
    ]
    assert len(tampered) > 3000
    accepted = [document for document in tampered if xmlsec_accepts(document, pem)]
    assert [document for document in accepted if not says_the_same(document, signed)] == []


def says_the_same(document, signed):
    """Whether only the spelling changed: white space between attributes, or characters that base64 skips."""
    ours, theirs = (etree.fromstring(one) for one in (signed, document))
    for root in (ours, theirs):
        value = root[-1].find(f"{{{DS}}}SignatureValue")
        value.text = base64.b64encode(base64.b64decode(value.text)).decode()
    return etree.tostring(ours, method="c14n") == etree.tostring(theirs, method="c14n")


@pytest.mark.parametrize("addition", [b" ", b"<x/>", b"<?p?>", b"\n", b"x"])
@pytest.mark.parametrize("place", [b"<a>", b"</a>", b"<Signature ", b"</m>", b"<Reference", b"</SignedInfo>"])
async def test_anything_added_fails(addition, place, key):
    signed = await sign_enveloped(etree.fromstring("<m><a/></m>"), key)
    at = signed.index(place)
    assert not xmlsec_accepts(signed[:at] + addition + signed[at:], certificate_pem(key))


async def test_another_key_is_not_accepted(key):
    signed = await sign_enveloped(etree.fromstring(MESSAGE), key)
    assert not xmlsec_accepts(signed, issue("another").pem())


XML_TEXT = st.text(
    st.characters(
        exclude_categories=["Cs", "Cc"], include_characters="\t\n\r", exclude_characters="\ufffe\uffff"
    ),
    max_size=12,
)
NAMES = st.sampled_from(["a", "b", "Z", "име", "x-1"])
URIS = st.sampled_from(["urn:a", "urn:b", "https://www.his.bg", "urn:q?x=1;y='", DS])
PREFIXES = st.sampled_from([None, "nhis", "a", "b", "ds", "ъ", "Z"])
XML_ATTRIBUTES = st.dictionaries(
    st.sampled_from(["lang", "space", "base"]).map("{{http://www.w3.org/XML/1998/namespace}}{}".format),
    st.sampled_from(["bg", "preserve", 'a&"<\t\n']),
)


@st.composite
def elements(draw, depth=3):
    nsmap = draw(st.dictionaries(PREFIXES, URIS, max_size=4))
    uri = draw(st.sampled_from([None, *nsmap.values()]))
    if uri is None:
        nsmap.pop(None, None)  # an element outside every namespace cannot declare a default one
    element = etree.Element(etree.QName(uri, draw(NAMES)), nsmap=nsmap)
    for name, value in draw(st.dictionaries(NAMES, XML_TEXT, max_size=3)).items():
        element.set(name, value)
    for name, value in draw(XML_ATTRIBUTES).items():
        element.set(name, value)
    element.text = draw(XML_TEXT)
    children = draw(st.lists(st.one_of(elements(depth - 1), OTHER_NODES), max_size=3)) if depth else []
    for child in children:
        element.append(child)
        child.tail = draw(XML_TEXT)
    return element


OTHER_NODES = st.one_of(
    st.just("a comment").map(etree.Comment),
    st.just("data").map(lambda data: etree.ProcessingInstruction("pi", data)),
)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(built=elements())
async def test_any_document_verifies(built, key):
    # lxml lets one build what XML cannot say (no namespace under a default one): take what can be said.
    root = etree.fromstring(etree.tostring(built, encoding="UTF-8"))
    signed = await sign_enveloped(root, key)
    assert xmlsec_accepts(signed, certificate_pem(key))
    require_signxml_accepts(signed, root, key.known)
    received = etree.fromstring(signed)
    assert received[-1].tag == f"{{{DS}}}Signature"
    assert received[-1].tail is None
    assert content(received, without_signature=True) == content(root)
