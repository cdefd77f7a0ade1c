"""A real Kafka 4 of one node (KRaft: broker and controller in one), which a test may kill and start again."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

from nexus_core.graph.embedded.fetch import fetch
from nexus_core.graph.embedded.jars import Jar, missing, read_list
from nexus_core.graph.embedded.java import find_java
from nexus_core.graph.embedded.maven import find_repository
from nexus_core.processes import Child, Command
from nexus_core.proxy.certificate import CertificateFiles, ensure_files
from nexus_core.settings import Settings

_LIST = Path(__file__).parent / "data" / "kafka_jars.txt"
SASL = {"security.protocol": "SASL_SSL", "sasl.mechanism": "PLAIN"}
_CLUSTER = "bGluZWFnZS1uZXh1cy10ZQ"  # any 16 bytes in base64
_READY_WITHIN_S = 60.0
_PROPERTIES = """\
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller}
controller.listener.names=CONTROLLER
listeners=CLIENT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=CLIENT://127.0.0.1:{port}
inter.broker.listener.name=CLIENT
listener.security.protocol.map=CLIENT:{protocol},CONTROLLER:PLAINTEXT
log.dirs={home}/data
auto.create.topics.enable=false
default.replication.factor=1
offsets.topic.replication.factor=1
offsets.topic.num.partitions=2
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
group.initial.rebalance.delay.ms=0
num.network.threads=2
num.io.threads=2
log.cleaner.enable=false
broker.session.timeout.ms=2000
broker.heartbeat.interval.ms=300
"""
_SECURITY = """\
sasl.enabled.mechanisms=PLAIN
sasl.mechanism.inter.broker.protocol=PLAIN
listener.name.client.plain.sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required \
  username="admin" password="{admin}" {users};
authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer
super.users=User:admin;User:ANONYMOUS
ssl.keystore.type=PEM
ssl.keystore.location={keys}
ssl.truststore.type=PEM
ssl.truststore.location={certificate}
"""


@dataclass(slots=True)
class Kafka:
    """A broker on 127.0.0.1 whose data outlive its process.

    With `passwords` (of `admin`, who may do all, and of others, who may do what ACLs allow) clients sign in by SASL,
    through TLS.
    """

    home: Path
    port: int
    controller: int
    passwords: Mapping[str, str] = field(default_factory=dict)
    _child: Child | None = field(default=None, repr=False)

    @property
    def bootstrap(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        assert self._child is not None
        return self._child.process.pid

    def signed_in(self, user: str) -> dict[str, str | int]:
        """Properties of a client."""
        if not self.passwords:
            return {"bootstrap.servers": self.bootstrap}
        login = {"sasl.username": user, "sasl.password": self.passwords[user]}
        return {"bootstrap.servers": self.bootstrap, **SASL, "ssl.ca.location": str(self.certificate), **login}

    @property
    def certificate(self) -> Path:
        """The authority of a broker with passwords: its own certificate."""
        return self._certificate.certificate

    @property
    def _certificate(self) -> CertificateFiles:
        return ensure_files(None, self.home / "tls")

    def format(self) -> None:
        """Make the folder of its data, before the first start."""
        protocol = "SASL_SSL" if self.passwords else "PLAINTEXT"
        properties = _PROPERTIES.format(home=self.home, port=self.port, controller=self.controller, protocol=protocol)
        (self.home / "server.properties").write_text(properties + (self._security() if self.passwords else ""))
        argv = self._java("kafka.tools.StorageTool", "format", "-t", _CLUSTER, "-c")
        subprocess.run(argv, check=True, stdout=subprocess.DEVNULL, timeout=60)

    def _security(self) -> str:
        files, keys = self._certificate, self.home / "keys.pem"
        keys.write_bytes(files.key.read_bytes() + files.certificate.read_bytes())
        users = " ".join(f'user_{name}="{password}"' for name, password in self.passwords.items())
        admin, certificate = self.passwords["admin"], files.certificate
        return _SECURITY.format(admin=admin, users=users, keys=keys, certificate=certificate)

    def start(self) -> None:
        """Start it, to answer on return."""
        self._child = Child(Command("kafka", self._java("kafka.Kafka"), os.environ, self.home))
        client = AdminClient(self.signed_in("admin") | {"log_level": 0})
        deadline = time.monotonic() + _READY_WITHIN_S
        while not _answers(client):
            assert self._child.exit_code is None, self._child.why()
            assert time.monotonic() < deadline, self._child.why()

    def stop(self) -> None:
        """Stop it in good order; does nothing if it does not run."""
        if self._child is not None:
            self._child.stop(grace_s=10.0)
            self._child = None

    def kill(self) -> None:
        """End it as a crash does; does nothing if it does not run."""
        if self._child is not None:
            os.kill(self.pid, signal.SIGKILL)
            self._child.stop()
            self._child = None

    def pause(self) -> None:
        """Have it neither answer nor end, as behind a cut network: on a busy machine its threads stop one by one."""
        os.kill(self.pid, signal.SIGSTOP)
        while not all(map(_is_stopped, Path(f"/proc/{self.pid}/task").glob("*/stat"))):
            time.sleep(0.01)

    def go_on(self) -> None:
        os.kill(self.pid, signal.SIGCONT)

    def _java(self, main: str, *arguments: str) -> list[str]:
        java = str(find_java(os.environ).executable)
        options = ["-Xmx384m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp", f"{jars_folder()}/*"]
        return [java, *options, main, *arguments, str(self.home / "server.properties")]


def jars_folder() -> Path:
    """The folder of Kafka's jars in the user's cache; they are fetched if need be (43 MB, once)."""
    version = _LIST.read_text().split()[2].rstrip(";")
    return cached_jars(read_list(_LIST.read_text()), f"kafka-{version}")


def cached_jars(jars: Sequence[Jar], name: str) -> Path:
    """A folder of the user's cache with jars, which are fetched if need be."""
    settings = Settings.load()
    folder = settings.cache_dir.expanduser().absolute() / name
    if missing(jars, folder):
        fetch(jars, folder, find_repository(settings.graph.jars_url, os.environ), lambda _bytes: None)
    return folder


def _answers(client: AdminClient) -> bool:
    try:
        return bool(client.list_topics(timeout=1).brokers)
    except KafkaException:
        return False


def _is_stopped(stat: Path) -> bool:
    """Whether a thread is, by the state behind its name in parentheses (proc(5))."""
    return stat.read_text().rpartition(")")[2].split()[0] == "T"
