"""What `herald demo --keep` prints works when it is pasted."""

from __future__ import annotations

import re
import shlex
import subprocess

import httpx
import pytest
from confluent_kafka.admin import AdminClient

from demo.environment import topics_of
from demo.scenarios import SYSTEMS
from tests.support.readme import ROOT

pytestmark = pytest.mark.timeout(240)


def test_the_commands(reader):
    lines = [line.strip() for line in reader.printed.splitlines() if line.startswith("  ")]
    commands = [line for line in lines if re.match(r"(\S*herald|curl|\S+ -m worker) ", line)]
    output = ""
    for command in commands:
        # `watch` would go on until Ctrl-C.
        words = shlex.split(f"{command} --count 5" if " watch " in command else command)
        done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, (command, done.stderr)
        output += done.stdout

    assert len(commands) == 5 + 2 * len(SYSTEMS)  # a ledger and a fault for each system
    for sign in ("reaction-09", '"registrations"', '"drop-after"', '{"status": "ready", "waiting_for": {}}'):
        assert sign in output


def test_the_addresses(reader):
    def named(name: str) -> str:
        return re.search(rf"^  {name} +(\S+)", reader.printed, re.MULTILINE).group(1)

    topics = AdminClient({"bootstrap.servers": named("Kafka")}).list_topics(timeout=10).topics
    assert set(topics_of("nhis")) <= set(topics)
    assert httpx.get(named("worker's probes"), trust_env=False).status_code == 200
    assert named("journal").startswith("postgresql://")
    assert named("settings") == reader.environment["HERALD_CONFIG"]
