"""What the operator's WSDL gives: operations, messages and their checks; and which files are refused."""

from __future__ import annotations

import shutil

import pytest
from lxml import etree

from tests.support.systems.peu.service import SOAP_11, SOAP_12, UPDATE, WSDL, enveloped, invented, updated
from worker.configuration_error import ConfigurationError
from worker.systems.peu.wsdl import BadArguments, UnreadableAnswer, load_service

NUMBER = "{urn:invented:peu:data}number"


@pytest.fixture
def folder(tmp_path):
    shutil.copytree(WSDL.parent, tmp_path / "wsdl")
    return tmp_path / "wsdl"


def problems(path, service=None, port="Basic"):
    with pytest.raises(ConfigurationError) as error:
        load_service(path, service, port)
    return "\n".join(error.value.problems)


@pytest.mark.parametrize(
    ("port", "soap", "headers"),
    [
        (
            "Basic",
            SOAP_11,
            {"content-type": "text/xml; charset=utf-8", "soapaction": '"urn:invented:peu/UpdateService"'},
        ),
        (
            "Newer",
            SOAP_12,
            {"content-type": 'application/soap+xml; charset=utf-8; action="urn:invented:peu/UpdateService"'},
        ),
    ],
)
def test_a_call_is_written_in_the_ports_version_of_soap(port, soap, headers):
    message = invented(port).write("UpdateService", UPDATE)
    envelope = etree.fromstring(message.content)
    assert message.headers == headers
    assert envelope.tag == f"{{{soap}}}Envelope"
    (called,) = envelope[-1]
    assert called.tag == "{urn:invented:peu}UpdateService"
    assert called.findtext(f".//{NUMBER}") == "2070"


@pytest.mark.parametrize(
    ("arguments", "path", "told"),
    [
        ({}, "", "service is missing"),
        ({"service": {"number": 1, "supplier": "000000000"}}, "service", "title is missing"),
        (
            {"service": {**UPDATE["service"], "number": "x"}},
            "service.number",
            "must be of the type xs:int",
        ),
        (
            {"service": {**UPDATE["service"], "supplier": "7223154154"}},
            "service.supplier",
            "must match the pattern [0-9]{9}",
        ),
        (
            {"service": {**UPDATE["service"], "channel": ["desk", "tv"]}},
            "service.channel[2]",
            "must be one of the 2 values",
        ),
        ({"service": {**UPDATE["service"], "price": "1,5"}}, "service.price", "xs:decimal"),
        ({"service": UPDATE["service"], "other": 1}, "", "there is no argument other; the type has: service"),
        (
            {"service": {**UPDATE["service"], "other": 1}},
            "",
            "there is no argument other; the type has: number",
        ),
        ({"service": {**UPDATE["service"], "title": "\0"}}, "", "another form"),
        ({"service": {**UPDATE["service"], "title": ["7223154154"]}}, "", "another form"),
    ],
    ids=lambda value: None if isinstance(value, dict) else value,
)
def test_arguments_are_checked_by_the_types_and_no_value_is_told(arguments, path, told):
    with pytest.raises(BadArguments) as error:
        invented().write("UpdateService", arguments)
    assert ".".join(error.value.path) == path
    assert told in str(error.value)
    assert "7223154154" not in str(error.value)


def test_an_answer_is_read_by_its_types():
    body = etree.fromstring(enveloped(updated("<id>7</id><changed>2026-01-02T03:04:05</changed>")))[0]
    read = invented().read("UpdateService", body)
    assert (read["id"], read["changed"].isoformat()) == (7, "2026-01-02T03:04:05")


@pytest.mark.parametrize(
    "body",
    [
        "",
        updated("<id>x</id>"),
        updated("<id>1</id><more/>"),
        '<Other xmlns="urn:invented:peu"/>',
        updated() * 2,
    ],
    ids=["nothing", "no number", "more", "another message", "two"],
)
def test_another_answer_than_the_wsdls_is_unreadable(body, caplog):
    with pytest.raises(UnreadableAnswer):
        invented().read("UpdateService", etree.fromstring(enveloped(body))[0])
    assert not caplog.records


def test_a_service_with_several_ports_must_be_told_which():
    told = problems(WSDL, port=None)
    assert "InventedService/Basic, InventedService/Newer" in told
    assert "service and port" in told


def test_a_missing_file_is_named(folder):
    (folder / "data.xsd").unlink()
    assert problems(folder / WSDL.name) == (
        "wsdl_file: InventedService.wsdl refers to data.xsd, which the folder does not have; add data.xsd to it"
    )
    assert "cannot be read" in problems(folder / "absent.wsdl")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/hostname'>]><a>&x;</a>", "DTD"),
        ("<a", "well-formed"),
        ("<a/>", "the WSDL has: none"),
    ],
    ids=["entity", "cut", "no WSDL"],
)
def test_an_unsafe_or_broken_file_is_refused(folder, text, told):
    (folder / WSDL.name).write_text(text)
    assert told in problems(folder / WSDL.name)


def test_a_url_in_the_wsdl_means_the_file_beside_it_and_nothing_is_fetched(folder):
    path = folder / WSDL.name
    path.write_text(path.read_text().replace('"data.xsd"', '"http://203.0.113.1/xsd/data.xsd"'))
    assert load_service(path, None, "Basic").operations == {"UpdateService", "FindServices"}
    path.write_text(path.read_text().replace("data.xsd", "other.xsd"))
    assert "refers to http://203.0.113.1/xsd/other.xsd, which the folder does not have" in problems(path)


RPC = (
    '<soap:operation soapAction="urn:invented:peu/UpdateService" style="document"/>',
    '<soap:operation soapAction="urn:invented:peu/UpdateService" style="rpc"/>',
)
RPC_OF_ALL = (
    '<soap:binding transport="http://schemas.xmlsoap.org/soap/http"/>',
    '<soap:binding style="rpc" transport="http://schemas.xmlsoap.org/soap/http"/>',
)
ENCODED = ('<soap:body use="literal"/>', '<soap:body use="encoded"/>')


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (RPC, ["UpdateService has the style rpc"]),
        (RPC_OF_ALL, ["FindServices has the style rpc", "UpdateService has the style rpc"]),
        (ENCODED, ["FindServices has the use encoded", "UpdateService has the use encoded"]),
    ],
    ids=["rpc", "rpc as the binding's style", "encoded"],
)
def test_an_operation_whose_messages_no_schema_declares_is_refused(folder, change, told):
    path = folder / WSDL.name
    text = path.read_text("utf-8").replace(*change)
    if change is RPC_OF_ALL:
        text = text.replace(' style="document"', "")
    path.write_text(text, "utf-8")
    expected = [f"wsdl_file: the operation {one}; Herald supports document with literal use" for one in told]
    assert problems(path).splitlines() == expected
    if change is not RPC_OF_ALL:
        assert load_service(path, None, "Newer").operations == {"UpdateService", "FindServices"}
