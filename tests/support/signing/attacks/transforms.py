"""Transforms that hide content from the digest or run a program, and canonical forms that are not the agreed one."""

from tests.support.signing.attacks.attack import Attack, algorithm, inserted, signed_again, tampered

_XPATH = "http://www.w3.org/TR/1999/REC-xpath-19991116"
_FILTER_2 = "http://www.w3.org/2002/06/xmldsig-filter2"
_XSLT = "http://www.w3.org/TR/1999/REC-xslt-19991116"
_BASE64 = "http://www.w3.org/2000/09/xmldsig#base64"
_EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#"
_STYLE_SHEET = (
    '<xsl:stylesheet xmlns:xsl="http://www.w3.org/1999/XSL/Transform" version="1.0">'
    '<xsl:template match="/"><x/></xsl:template></xsl:stylesheet>'
)
_READS_A_FILE = _STYLE_SHEET.replace("<x/>", "<xsl:copy-of select=\"document('/etc/hostname')\"/>")
_MORE = "transforms the Body before its digest by more than exclusive C14N"
_OTHER = "another canonical form than exclusive C14N without comments"
_FIRST = "other content is signed|other transforms|InvalidDigest|DocumentInvalid|does not belong"


def _transform(uri: str, parameter: str = "", at: int = 0):
    return inserted("Transforms", f'<ds:Transform Algorithm="{uri}">{parameter}</ds:Transform>', at)


def _intersect(path: str) -> str:
    return f'<f:XPath xmlns:f="{_FILTER_2}" Filter="intersect">{path}</f:XPath>'


_TRANSFORMS = {
    "XSLT that returns a constant": (signed_again, _transform(_XSLT, _STYLE_SHEET)),
    "XSLT that reads a file": (tampered, _transform(_XSLT, _READS_A_FILE)),
    "XPath that hides text": (
        signed_again,
        _transform(_XPATH, "<ds:XPath>not(self::text())</ds:XPath>"),
    ),
    "XPath with here()": (signed_again, _transform(_XPATH, "<ds:XPath>count(here()) = 1</ds:XPath>")),
    "XPath Filter 2": (signed_again, _transform(_FILTER_2, _intersect("/*"))),
    "XPath Filter 2 after the canonical form": (tampered, _transform(_FILTER_2, _intersect("/"), 9)),
    "base64": (tampered, _transform(_BASE64)),
    "base64 alone": (tampered, algorithm("Transform", _BASE64)),
    "an invented transform": (tampered, _transform("urn:transform")),
    "a transform without algorithm": (tampered, inserted("Transforms", "<ds:Transform/>")),
}
_FORMS = {
    "C14N 1.0 with comments": "http://www.w3.org/TR/2001/REC-xml-c14n-20010315#WithComments",
    "C14N 1.1": "http://www.w3.org/2006/12/xml-c14n11",
    "C14N 1.1 with comments": "http://www.w3.org/2006/12/xml-c14n11#WithComments",
    "exclusive C14N with comments": f"{_EXCLUSIVE}WithComments",
}

TRANSFORMS = {
    **{
        name: Attack(how(change), _MORE, _FIRST, enveloped="constant" not in name)
        for name, (how, change) in _TRANSFORMS.items()
    },
    "exclusive C14N twice": Attack(
        signed_again(_transform(_EXCLUSIVE)), "Transforms must hold: Transform", "TypeError", enveloped=False
    ),
    "no Transform": Attack(
        tampered(lambda root: [one.clear() for one in root.iter("{*}Transforms")]),
        "Transforms must hold: Transform",
        _FIRST,
    ),
    **{
        f"content by {name}": Attack(
            signed_again(algorithm("Transform", uri)), _OTHER, _FIRST, enveloped=False
        )
        for name, uri in _FORMS.items()
    },
    "content by C14N 2.0": Attack(
        tampered(algorithm("Transform", "http://www.w3.org/2010/xml-c14n2")), _OTHER, _FIRST
    ),
}
SIGNED_INFO = {
    f"SignedInfo by {name}": Attack(
        signed_again(algorithm("CanonicalizationMethod", uri)), _OTHER, "another canonical form"
    )
    for name, uri in _FORMS.items()
}
INCLUSIVE_NAMESPACES = {
    "InclusiveNamespaces put in afterwards": Attack(
        tampered(
            inserted(
                "CanonicalizationMethod", f'<e:InclusiveNamespaces xmlns:e="{_EXCLUSIVE}" PrefixList="S"/>'
            )
        ),
        "does not belong to the pinned certificate",
        "DocumentInvalid",
    ),
    "InclusiveNamespaces of another namespace": Attack(
        tampered(inserted("CanonicalizationMethod", '<e:InclusiveNamespaces xmlns:e="urn:e"/>')),
        "must hold: InclusiveNamespaces",
        "DocumentInvalid",
    ),
    "InclusiveNamespaces without end": Attack(
        signed_again(
            inserted(
                "Transform",
                f'<e:InclusiveNamespaces xmlns:e="{_EXCLUSIVE}" PrefixList="{"a " * 200}"/>',
            )
        ),
        "InclusiveNamespaces is too long",
        "other transforms|InvalidDigest",
    ),
}
ATTACKS = TRANSFORMS | SIGNED_INFO | INCLUSIVE_NAMESPACES
