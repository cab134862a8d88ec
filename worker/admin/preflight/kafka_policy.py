"""What is wrong with brokers, versions and a login's rights. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from worker.admin.preflight.findings import Finding, fail, ok, skipped, warn
from worker.kafka.group_rights import DESCRIBE_GROUPS
from worker.kafka.metadata import METADATA
from worker.kafka.rights import Operation, Resource

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from worker.kafka.cluster_state import BrokerAddress, ClusterFacts
    from worker.kafka.rights import Right

_NEEDED_VERSIONS: Mapping[str, tuple[int, int]] = {
    "Metadata": (METADATA, 10),
    "InitProducerId": (22, 1),
    "DescribeGroups": (DESCRIBE_GROUPS, 3),
    "DescribeConfigs": (32, 0),
    "OffsetFetch": (9, 1),
}
"""The requests that Herald sends: Kafka's key of each, and the version that it needs."""


def reachable(cluster: ClusterFacts) -> list[Finding]:
    """Say which cluster answered, by which address."""
    count = len(cluster.brokers)
    told = f"{cluster.answered_by} answers: cluster {cluster.cluster_id or 'unknown'}, brokers: {count}"
    return [ok(told)]


def versions(cluster: ClusterFacts) -> list[Finding]:
    """Judge whether the broker knows the requests that Herald sends."""
    old = [name for name, (key, needed) in _NEEDED_VERSIONS.items() if cluster.versions.get(key, -1) < needed]
    if old:
        told = f"this Kafka is too old for {', '.join(old)}"
        return [fail(told, "Use Apache Kafka 3.0 or later. The embedded Kafka of `herald demo` is none.")]
    return [ok(f"this Kafka knows all {len(_NEEDED_VERSIONS)} requests that Herald needs")]


def advertised(
    brokers: Sequence[BrokerAddress], wrong: Mapping[int, str], bootstrap: Iterable[str]
) -> list[Finding]:
    """Judge the addresses that the brokers tell clients to use; ``wrong`` says by node why one does not work."""
    known = ", ".join(bootstrap)
    step = (
        f"Clients reach Kafka at {known}, but then use the address that a broker tells: correct `advertised.listeners` "
        "of this broker, or let this name and port lead to it."
    )
    told = [
        fail(
            f"broker {one.node} tells clients an address that does not work: {wrong[one.node]}",
            step,
            one.told,
        )
        for one in brokers
        if one.node in wrong
    ]
    return told or [ok(f"all advertised addresses work: {', '.join(one.told for one in brokers)}")]


def rights(
    needed: Sequence[Right], allowed: Mapping[str, frozenset[Operation] | None], principal: str, server: str
) -> list[Finding]:
    """Judge the rights of this login; ``allowed`` is by name, without those that do not exist."""
    known = [one for one in needed if one.name in allowed]
    told = []
    for one in known:
        has = allowed[one.name]
        lacks = [] if has is None else [op.value for op in one.operations if not _covers(has, op)]
        if lacks:
            kind = "--topic" if one.resource is Resource.TOPIC else "--group"
            options = " ".join(f"--operation {operation}" for operation in lacks)
            step = (
                f"Run `kafka-acls.sh --bootstrap-server {server} --add --allow-principal User:{principal} {options} "
                f"{kind} {one.name}`."
            )
            told.append(fail(f"this login may not {' and '.join(lacks)} it", step, one.name))
    if told:
        return told
    silent = sum(allowed[one.name] is None for one in known)
    if silent or not known:
        return [skipped("Kafka does not say what this login may do")]
    return [ok(f"this login has the rights that it needs on {len(known)} {known[0].resource.value}s")]


def _covers(has: frozenset[Operation], needed: Operation) -> bool:
    """Whether an operation is allowed; Kafka derives Describe from Read and Write."""
    return needed in has or (needed is Operation.DESCRIBE and bool(has & {Operation.READ, Operation.WRITE}))


def group_refused(group: str, why: str) -> Finding:
    """Say that a group cannot be described."""
    return warn(
        f"its rights could not be read: {why}", "Look at the group's ACLs and at the brokers' log.", group
    )
