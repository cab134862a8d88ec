"""How `submit` and `watch` reach Kafka: by a worker's configuration, or by an address alone as a HIS would."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, TypeAlias

import typer

from worker.cli.configuration import settings_of
from worker.kafka.clients import connection_arguments
from worker.kafka.settings import KafkaSettings

Bootstrap: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--bootstrap", "-b", help="Kafka's address, host:port; else the configuration's, with its security."
    ),
]
Prefix: TypeAlias = Annotated[str, typer.Option(help="Topic prefix, with --bootstrap.")]
SystemName: TypeAlias = Annotated[
    str | None, typer.Option(help="The national system, where it is not to be told from the events.")
]


def access(config: Path | None, bootstrap: str | None, prefix: str) -> tuple[dict[str, Any], str]:
    """Return the arguments of a Kafka client, and the topic prefix."""
    if bootstrap is None:
        kafka = settings_of(config).kafka
    else:
        kafka = KafkaSettings.model_validate({"bootstrap_servers": bootstrap, "topic_prefix": prefix})
    return connection_arguments(kafka), kafka.topic_prefix
