"""Documents that are read as something else than they look: DTDs, entities, encodings, comments, and sheer size."""

from lxml import etree

from tests.support.signing.attacks.attack import Attack, tampered

_DTD = "carries a DTD"
_FIRST = "InvalidInput|XMLSyntaxError"


def _doctype(text):
    """Put a DOCTYPE between the declaration and the root."""

    def forge(document: bytes) -> bytes:
        root = etree.fromstring(document)
        return f"<!DOCTYPE x {text}>".encode() + etree.tostring(root, encoding="UTF-8")

    return forge


def _entity_in_the_value(subset, name="e"):
    def forge(document: bytes) -> bytes:
        return _doctype(f"[{subset}]")(document).replace("ТҰМАР".encode(), f"&{name};".encode())

    return forge


def _in(encoding):
    def forge(document: bytes) -> bytes:
        return etree.tostring(etree.fromstring(document), encoding=encoding, xml_declaration=True)

    return forge


def _replaced(old, new):
    return lambda document: document.replace(old.encode(), new.encode())


def _deep(root):
    inner = root
    for _ in range(40):
        inner = etree.SubElement(inner, "x")


_LAUGHS = '<!ENTITY a "ha">' + "".join(
    f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefgh", "bcdefghi", strict=True)
)
ATTACKS = {
    "internal entity with the signed text": Attack(_entity_in_the_value('<!ENTITY e "ТҰМАР">'), _DTD, _FIRST),
    "external entity of a file": Attack(
        _entity_in_the_value('<!ENTITY e SYSTEM "file:///etc/hostname">'), _DTD, _FIRST
    ),
    "external entity of a server": Attack(
        _entity_in_the_value('<!ENTITY e SYSTEM "http://127.0.0.1:9/e">'), _DTD, _FIRST
    ),
    "parameter entity": Attack(_doctype('[<!ENTITY % p SYSTEM "http://127.0.0.1:9/p"> %p;]'), _DTD, _FIRST),
    "entities of entities": Attack(_entity_in_the_value(_LAUGHS, "i"), _DTD, _FIRST),
    "external subset": Attack(_doctype('SYSTEM "http://127.0.0.1:9/x.dtd"'), _DTD, _FIRST),
    "DTD that declares an id": Attack(_doctype("[<!ATTLIST data kind ID #IMPLIED>]"), _DTD, _FIRST),
    "DTD that gives attributes": Attack(_doctype('[<!ATTLIST data forged CDATA "1">]'), _DTD, _FIRST),
    "entity without declaration": Attack(_replaced("ТҰМАР", "&e;"), "not well-formed", _FIRST),
    "UTF-16": Attack(_in("UTF-16"), "UTF-16 or UTF-32"),
    "UTF-32": Attack(_in("UTF-32"), "UTF-16 or UTF-32"),
    "windows-1251": Attack(_in("windows-1251"), "not valid UTF-8"),
    "windows-1251 declared over UTF-8": Attack(
        _replaced("encoding='UTF-8'", "encoding='windows-1251'"), "declares another encoding"
    ),
    "UTF-7 declared": Attack(_replaced("encoding='UTF-8'", "encoding='UTF-7'"), "declares another encoding"),
    "character that XML does not have": Attack(_replaced("ТҰМАР", "ТҰ&#0;МАР"), "not well-formed"),
    "nested deeply": Attack(tampered(_deep), "nested deeper than 32"),
    "8 MB of white space": Attack(lambda document: document + b" " * 8 * 1024 * 1024, "bytes; at most"),
    "half a million elements": Attack(
        _replaced("ТҰМАР", "<x/>" * 500_000), "more than 400000 tags and attributes"
    ),
    "the end cut off": Attack(lambda document: document[:-20], "not well-formed"),
    "comment that cuts the value": Attack(
        _replaced("ТҰМАР", "ТҰ<!-- -->МАР"), "holds a comment", "contains a comment"
    ),
    "instruction that cuts the value": Attack(
        _replaced("ТҰМАР", "ТҰ<?x?>МАР"), "processing instruction", "InvalidDigest"
    ),
    "CDATA that adds an element": Attack(
        _replaced("ТҰМАР", "<![CDATA[ТҰМАР<forged/>]]>"), "not the one that was signed", "InvalidDigest"
    ),
    "CDATA that is empty beside the value": Attack(
        _replaced("ТҰМАР", "ТҰМАР<![CDATA[ ]]>"), "not the one that was signed", "InvalidDigest"
    ),
    "an invisible character more": Attack(
        _replaced("ТҰМАР", "ТҰМА\u200bР"), "not the one that was signed", "InvalidDigest"
    ),
    "a carriage return more": Attack(
        _replaced("ТҰМАР", "ТҰМАР&#13;"), "not the one that was signed", "InvalidDigest"
    ),
    "two roots": Attack(lambda document: document + b"<forged/>", "not well-formed", _FIRST),
}
