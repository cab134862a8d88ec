"""Run the plain worker: `python -m tests.bench.plain CONFIG`, a JSON file."""

from __future__ import annotations

import json
import logging
import sys
from pathlib import Path
from typing import Any

import uvloop
from prometheus_client import start_http_server

from schemas import shipped
from tests.bench.plain.message import Key, Messages
from tests.bench.plain.nhis import Nhis
from tests.bench.plain.worker import build


async def run(config: dict[str, Any], keys: dict[str, Key]) -> None:
    """Serve until SIGTERM."""
    messages = Messages(shipped("nhis") / "NHIS-I001.xsd")
    nhis = Nhis(config["url"], Path(config["ca_file"]), keys, messages)
    await build(nhis, **config["kafka"]).run()


def load_keys(signers: list[dict[str, str]]) -> dict[str, Key]:
    """Read every signer's key."""
    return {
        one["name"]: Key.load(
            Path(one["pkcs12_file"]), Path(one["password_file"]).read_text().strip(), one["uin"]
        )
        for one in signers
    }


def main() -> None:
    """Read the configuration and serve."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    logging.getLogger("httpx").setLevel(logging.WARNING)
    logging.getLogger("aiokafka").setLevel(logging.WARNING)
    config = json.loads(Path(sys.argv[1]).read_text())
    start_http_server(config["metrics_port"], "127.0.0.1")
    uvloop.run(run(config, load_keys(config["signers"])))


if __name__ == "__main__":
    main()
