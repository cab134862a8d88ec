"""Signed answers of an invented gateway, and how a test changes them."""

import xmlsec
from lxml import etree

from tests.support.signing.certificates import NOW, issue
from tests.support.systems.kz_shep.soap import NAMESPACES
from worker.signing.wsse.verify import verify_body

GATEWAY = issue("SHEP проба")
OLD_GATEWAY = issue("SHEP старый")
STRANGER = issue("stranger")
PINNED = [OLD_GATEWAY.certificate, GATEWAY.certificate]


def check(document, pinned=PINNED, now=NOW):
    verify_body(document, pinned, now=now)


def resigned(document, change):
    root = etree.fromstring(document)
    change(root)
    xmlsec.tree.add_ids(root, ["Id"])
    context = xmlsec.SignatureContext()
    context.key = xmlsec.Key.from_memory(GATEWAY.key_pem(), xmlsec.KeyFormat.PEM)
    context.sign(root.find(".//ds:Signature", NAMESPACES))
    return etree.tostring(root)


def changed(document, change):
    root = etree.fromstring(document)
    change(root)
    return etree.tostring(root)


def change_text(root):
    root.find(".//data").text = "FORGED"


def text_of(path, text):
    def change(root):
        root.find(f".//{path}", NAMESPACES).text = text

    return change
