"""Where a PIN must not appear: in /proc, in logs, in errors, in the worker's children's variables."""

from __future__ import annotations

import logging
import os
import resource
import sys
from pathlib import Path

import pytest

from tests.support.pkcs11.fake_token import RIGHT, WRONG
from tests.support.signing.certificates import issue, key_usage
from tests.support.softhsm.tokens import PIN, StoredKey
from worker.signing.pkcs11.faults import TokenFault
from worker.signing.pkcs11.link import Link, ProcessLost
from worker.signing.pkcs11.settings import Pkcs11Settings
from worker.signing.port import SigningFailed

DOCTOR = issue("Keeps a secret", usage=key_usage(digital_signature=True), subject_serial="PNOBG-0000000007")


@pytest.fixture
async def signer(workshop, softhsm, monkeypatch):
    """A signer on SoftHSM, whose PIN comes from a variable as of a worker."""
    monkeypatch.setenv("HERALD_SIGNERS__DOCTOR__PIN", PIN)
    softhsm.make_token("clinic")
    softhsm.store("clinic", [StoredKey(DOCTOR, "doctor", b"\x01", always=True)])
    settings = Pkcs11Settings(
        kind="pkcs11",
        module=softhsm.module,
        environment=softhsm.environment,
        pin=os.environ["HERALD_SIGNERS__DOCTOR__PIN"],
        key={"subject_serial": "PNOBG-0000000007"},
    )
    made = workshop.worker()("doctor", settings)
    await made.sign_digests([bytes(32)])
    return made


def proc(pid: int, name: str) -> bytes:
    return (Path("/proc") / str(pid) / name).read_bytes()


def link(pid: int, number: int) -> str:
    return str((Path("/proc") / str(pid) / "fd" / str(number)).readlink())


async def test_neither_arguments_nor_variables_of_the_process_hold_it(signer):
    assert PIN.encode() not in proc(signer.processes[0], "cmdline")
    variables = proc(signer.processes[0], "environ")
    assert PIN.encode() not in variables
    assert b"HERALD" not in variables
    assert {one.partition(b"=")[0] for one in variables.split(b"\0") if one} <= {
        b"PATH",
        b"LANG",
        b"LC_ALL",
        b"TZ",
        b"HOME",
        b"TMPDIR",
        b"SOFTHSM2_CONF",
    }


async def test_its_memory_is_nobodys_and_it_leaves_no_core(signer):
    status = proc(signer.processes[0], "limits").decode()
    assert next(line for line in status.splitlines() if line.startswith("Max core file size")).split()[
        4:6
    ] == ["0", "0"]
    # A process that is not dumpable belongs to root in /proc, whoever runs it; only root may look into it.
    assert (Path("/proc") / str(signer.processes[0]) / "mem").stat().st_uid == 0
    assert resource.prlimit(signer.processes[0], resource.RLIMIT_CORE) == (0, 0)


TELLS = """
import ctypes, resource
from worker.signing.pkcs11.faults import Fault, TokenFault
from worker.signing.pkcs11.serving import serve

def load(path):
    dumpable = ctypes.CDLL(None).prctl(3, 0, 0, 0, 0)
    raise TokenFault(Fault.FAILED, f"dumpable {dumpable}, core {resource.getrlimit(resource.RLIMIT_CORE)}")

serve(load)
"""


async def test_it_is_protected_before_it_loads_a_library():
    """Asked of the process itself: /proc shows it to others than root alone, and tests may run as root."""
    process = await Link.start([sys.executable, "-I", "-c", TELLS], {})
    with pytest.raises(TokenFault, match=r"^failed: dumpable 0, core \(0, 0\)$"):
        await process.ask("load", {"path": "/library"}, deadline=10)
    await process.end()


REFUSED = """
import runpy
from worker.signing.pkcs11 import hardening

def refuse(option, value):
    raise hardening.NotHardened("refused")

hardening._prctl = refuse
runpy.run_module("worker.signing.pkcs11.process", run_name="__main__")
"""


async def test_a_process_that_cannot_be_protected_ends_before_it_is_given_a_pin_and_says_why():
    process = await Link.start([sys.executable, "-I", "-c", REFUSED], {})
    with pytest.raises(ProcessLost, match="does not let it protect its memory"):
        await process.ask("open", {"slot": 0}, [bytearray(b"1234")], deadline=10)


async def test_its_standard_streams_lead_nowhere(signer):
    streams = [link(signer.processes[0], number) for number in (0, 1, 2)]

    assert streams == [os.devnull] * 3


@pytest.mark.parametrize("pin", [RIGHT, WRONG])
async def test_no_log_error_or_text_of_an_object_holds_it(workshop, fake, caplog, pin):
    caplog.set_level(logging.DEBUG)
    fake.pin_file.write_text(pin)
    signer = workshop.worker(fake.command)("dr", fake.settings())
    told = ""
    for trouble in ("crash-sign", "pulled"):
        fake.write(trouble, "2")
        try:
            await signer.sign_digests([bytes(32)])
        except SigningFailed as failed:
            told += f"{failed!r} {failed} {failed.__cause__!r} {failed.__context__!r}"
    told += repr(signer) + repr(vars(signer)) + caplog.text

    assert pin not in told


async def test_no_log_or_error_names_the_person(workshop, fake, caplog):
    caplog.set_level(logging.DEBUG)
    signer = workshop.worker(fake.command)("dr", fake.settings(key={"subject_serial": "PNOBG-0000000008"}))

    with pytest.raises(SigningFailed) as caught:
        await signer.identity()

    assert "0000000008" not in str(caught.value) + caplog.text
