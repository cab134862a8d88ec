"""The configuration of a broker: KRaft, combined roles, plain text, and short times where tests wait."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

SPEED: Mapping[str, object] = {
    "auto.create.topics.enable": "false",
    "offsets.topic.num.partitions": 4,
    "transaction.state.log.num.partitions": 4,
    "group.initial.rebalance.delay.ms": 0,
    "group.min.session.timeout.ms": 500,
    # A broker killed with -9 may not register again before its old session ends: 13 s with the defaults.
    "broker.session.timeout.ms": 2000,
    "broker.heartbeat.interval.ms": 200,
    "log.cleaner.dedupe.buffer.size": 4 * 1024 * 1024,
    "num.network.threads": 2,
    "num.io.threads": 4,
}


# Of a broker that is never killed: without work it takes 1.5 % of a core in place of 3.5 %.
QUIET: Mapping[str, object] = {
    "broker.session.timeout.ms": 9000,
    "broker.heartbeat.interval.ms": 2000,
    "metadata.max.idle.interval.ms": 0,
}

# Everybody may do what no rule speaks of. A controller asks before it knows the rules, so it needs a name of its
# own that stands above them; clients and brokers are anonymous.
ACLS: Mapping[str, object] = {
    "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
    "allow.everyone.if.no.acl.found": "true",
    "super.users": "User:controller",
    "listener.security.protocol.map": "CLIENT:PLAINTEXT,CONTROLLER:SASL_PLAINTEXT",
    "sasl.enabled.mechanisms": "PLAIN",
    "sasl.mechanism.controller.protocol": "PLAIN",
    "listener.name.controller.plain.sasl.jaas.config": (
        "org.apache.kafka.common.security.plain.PlainLoginModule required "
        'username="controller" password="loopback" user_controller="loopback";'
    ),
}


def broker_properties(
    node: int,
    client_ports: Sequence[int],
    controller_ports: Sequence[int],
    *,
    data: str,
    acls: bool = False,
    quiet: bool = False,
) -> dict[str, object]:
    """Return the properties of node number `node` (from 1) of a cluster with one port of each kind a node.

    With `acls`, tests may set rules on who may do what; a `quiet` one must not be killed and started again.
    """
    client = f"CLIENT://127.0.0.1:{client_ports[node - 1]}"
    voters = (f"{number}@127.0.0.1:{port}" for number, port in enumerate(controller_ports, 1))
    return {
        "process.roles": "broker,controller",
        "node.id": node,
        "listeners": f"{client},CONTROLLER://127.0.0.1:{controller_ports[node - 1]}",
        "advertised.listeners": client,
        "listener.security.protocol.map": "CLIENT:PLAINTEXT,CONTROLLER:PLAINTEXT",
        "inter.broker.listener.name": "CLIENT",
        "controller.listener.names": "CONTROLLER",
        "controller.quorum.voters": ",".join(voters),
        "log.dirs": data,
        **SPEED,
        **(QUIET if quiet else {}),
        **_replication(len(client_ports)),
        **(ACLS if acls else {}),
    }


def _replication(nodes: int) -> dict[str, object]:
    factor = min(nodes, 3)
    in_sync = max(1, factor - 1)
    return {
        "default.replication.factor": factor,
        "min.insync.replicas": in_sync,
        "offsets.topic.replication.factor": factor,
        "transaction.state.log.replication.factor": factor,
        "transaction.state.log.min.isr": in_sync,
        "share.coordinator.state.topic.replication.factor": factor,
        "share.coordinator.state.topic.min.isr": in_sync,
    }
