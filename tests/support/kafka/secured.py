"""One broker with rules on who may do what: SASL_SSL with SCRAM, and TLS with client certificates.

Whoever comes in clear text is the tests' own administrator. Everybody else may do what was granted, and nothing more.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Self

from confluent_kafka.admin import (
    AclBinding,
    AclBindingFilter,
    AclOperation,
    AclPermissionType,
    AdminClient,
    ResourcePatternType,
    ResourceType,
    ScramCredentialInfo,
    ScramMechanism,
    UserScramCredentialUpsertion,
)

from tests.support.kafka.broker import Broker
from tests.support.kafka.cluster import free_ports
from tests.support.kafka.distribution import Distribution
from tests.support.kafka.properties import broker_properties
from tests.support.kafka.storage import format_storage, new_id
from tests.support.signing.certificates import NOW, Issued, issue
from worker.kafka.rights import Operation, Resource, Right

PASSWORD = "tests-only"
SECONDS = 30
_OPERATIONS = {
    Operation.READ: AclOperation.READ,
    Operation.WRITE: AclOperation.WRITE,
    Operation.CREATE: AclOperation.CREATE,
    Operation.DESCRIBE: AclOperation.DESCRIBE,
    Operation.DESCRIBE_CONFIGS: AclOperation.DESCRIBE_CONFIGS,
}
_RESOURCES = {Resource.TOPIC: ResourceType.TOPIC, Resource.GROUP: ResourceType.GROUP}


@dataclass(frozen=True)
class SingleRight:
    """One access rule: one operation on one topic or group."""

    resource: Resource
    name: str
    operation: Operation

    def __str__(self) -> str:
        return f"{self.operation} on {self.resource} {self.name}"


def single(rights: Iterable[Right]) -> tuple[SingleRight, ...]:
    """Return each operation of each right by itself."""
    return tuple(
        SingleRight(one.resource, one.name, operation) for one in rights for operation in one.operations
    )


class SecuredKafka:
    """Entering starts the broker; leaving kills it. ``bootstrap`` is the administrator's."""

    def __init__(self, distribution: Distribution, directory: Path) -> None:
        self._distribution = distribution
        self.directory = directory
        plain, scram, mtls, controller = free_ports(4)
        self.bootstrap, self.scram, self.mtls = (f"127.0.0.1:{port}" for port in (plain, scram, mtls))
        self.authority = issue("kafka-ca", authority=True)
        self.ca_file = self.write("ca.pem", self.authority.pem())
        data = str(directory / "broker" / "data")
        properties = broker_properties(1, [plain], [controller], data=data, acls=True)
        self._broker = Broker(
            distribution, directory / "broker", properties | self._security(scram, mtls, properties)
        )

    def _security(self, scram: int, mtls: int, below: dict[str, object]) -> dict[str, object]:
        server = issue("kafka", issuer=self.authority, hosts=("127.0.0.1",))
        keystore = self.write("server.pem", server.key_pem() + server.pem())
        ours = f"SCRAM://127.0.0.1:{scram},MTLS://127.0.0.1:{mtls}"
        return {
            "listeners": f"{below['listeners']},{ours}",
            "advertised.listeners": f"{below['advertised.listeners']},{ours}",
            "listener.security.protocol.map": (
                f"{below['listener.security.protocol.map']},SCRAM:SASL_SSL,MTLS:SSL"
            ),
            "allow.everyone.if.no.acl.found": "false",
            "super.users": "User:controller;User:ANONYMOUS",
            "listener.name.scram.sasl.enabled.mechanisms": "SCRAM-SHA-512",
            "listener.name.scram.scram-sha-512.sasl.jaas.config": (
                "org.apache.kafka.common.security.scram.ScramLoginModule required;"
            ),
            "listener.name.mtls.ssl.client.auth": "required",
            "listener.name.mtls.ssl.principal.mapping.rules": "RULE:^CN=([^,]+).*$/$1/,DEFAULT",
            "ssl.keystore.type": "PEM",
            "ssl.keystore.location": keystore,
            "ssl.truststore.type": "PEM",
            "ssl.truststore.location": self.ca_file,
        }

    def __enter__(self) -> Self:
        format_storage(self._distribution, self._broker, node=1, cluster_id=new_id())
        self._broker.start()
        try:
            self._broker.wait_ready()
        except BaseException:
            self._broker.kill9()
            raise
        self._admin = AdminClient({"bootstrap.servers": self.bootstrap})
        return self

    def __exit__(self, *_: object) -> None:
        del self._admin  # or it goes on looking for the broker, and says so on stderr
        self._broker.kill9()

    def add_user(self, name: str) -> None:
        """Make a login by name and password."""
        info = ScramCredentialInfo(ScramMechanism.SCRAM_SHA_512, 4096)
        change = UserScramCredentialUpsertion(name, info, PASSWORD.encode())
        for done in self._admin.alter_user_scram_credentials([change]).values():
            done.result(SECONDS)

    def grant(self, user: str, rights: Iterable[SingleRight]) -> None:
        """Allow it from any host."""
        for done in self._admin.create_acls([_rule(user, one) for one in rights]).values():
            done.result(SECONDS)

    def revoke(self, user: str, right: SingleRight) -> None:
        """Take one right away. Raises AssertionError where there was none."""
        (done,) = self._admin.delete_acls([_rule(user, right, AclBindingFilter)]).values()
        assert len(done.result(SECONDS)) == 1, right

    def by_password(self, user: str, password: str = PASSWORD) -> dict[str, Any]:
        """Return the settings of Kafka for a login by name and password."""
        file = self.write(f"{user}.{len(password)}.password", password.encode())
        security = {
            "protocol": "sasl_ssl",
            "mechanism": "SCRAM-SHA-512",
            "username": user,
            "password_file": file,
            "ca_file": self.ca_file,
        }
        return {"bootstrap_servers": self.scram, "security": security}

    def by_certificate(self, user: str, issued: Issued | None = None) -> dict[str, Any]:
        """Return the settings of Kafka for a login by certificate; by default one that is trusted."""
        mine = issued or issue(user, issuer=self.authority)
        name = f"{user}.{mine.certificate.serial_number}"
        security = {
            "protocol": "ssl",
            "ca_file": self.ca_file,
            "cert_file": self.write(f"{name}.crt.pem", mine.pem()),
            "key_file": self.write(f"{name}.key.pem", mine.key_pem()),
        }
        return {"bootstrap_servers": self.mtls, "security": security}

    def expired(self, user: str) -> Issued:
        """Issue a certificate that ended yesterday."""
        return issue(user, issuer=self.authority, end=NOW - timedelta(days=1))

    def write(self, name: str, content: bytes) -> str:
        self.directory.mkdir(parents=True, exist_ok=True)
        path = self.directory / name
        path.write_bytes(content)
        return str(path)


def _rule(user: str, right: SingleRight, kind: type[Any] = AclBinding) -> Any:
    return kind(
        _RESOURCES[right.resource],
        right.name,
        ResourcePatternType.LITERAL,
        f"User:{user}",
        "*",
        _OPERATIONS[right.operation],
        AclPermissionType.ALLOW,
    )
