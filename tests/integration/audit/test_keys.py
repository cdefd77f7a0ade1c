"""A key hands over to another, an authority stamps checkpoints, and what nobody trusted says convinces nobody."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from itertools import pairwise
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from nexus_core.errors import ConfigurationError, ConflictError, UnavailableError
from nexus_core.governance.audit import Audit
from nexus_core.governance.audit_export import export, verify_export, verify_store
from nexus_core.governance.audit_keys import KeyChange, KeyRing, read_trusted
from nexus_core.governance.audit_notes import Checkpoint, SigningKey
from nexus_core.governance.audit_signer import Signer
from nexus_core.governance.audit_stamps import Stamped, TimeStamper, read_roots
from nexus_core.governance.audit_witness import FileWitness
from nexus_core.model.audit import Act, Action
from nexus_core.store import audit_seals
from nexus_core.store.database import Store
from tests.integration.audit.conftest import ANNA, Log


def new_key() -> SigningKey:
    return SigningKey("lineage-nexus", Ed25519PrivateKey.generate())


async def act(store: Store) -> None:
    await Audit(store, "api").record(ANNA, Act(Action.SIGN_OUT))


async def test_a_new_key_is_trusted_by_who_holds_the_old_one(log: Log, tmp_path: Path) -> None:
    witness = FileWitness(tmp_path / "witness.txt")
    await Signer(log.store, log.key, (witness,)).turn(None)
    second, third = (Signer(log.store, new_key(), (FileWitness(witness.path),)) for _ in range(2))
    for signer, before in ((second, log.key), (third, second.key)):
        await signer.change_key(before)
        await signer.change_key(before)  # once more changes nothing
        await signer.turn(None)
        await act(log.store)
        await signer.turn(None)
    with pytest.raises(ConfigurationError, match="has handed over"):
        await Signer(log.store, log.key, ()).turn(None)
    with pytest.raises(ConflictError):
        await Signer(log.store, new_key(), ()).change_key(log.key)
    held = read_trusted(witness.path.read_text())
    assert (held.keys, len(held.changes)) == ([log.key.verifier], 2)
    assert (await verify_store(log.store, held)).problems == []
    assert (await verify_store(log.store, log.trusted)).problems == []
    lines = [line async for line in export(log.store)]
    assert verify_export(lines, held).trusted_count == len(held.notes) == 5
    assert not verify_export(lines, replace(held, keys=[new_key().verifier])).ok


def test_two_keys_may_follow_each_other_with_nothing_in_between(log: Log) -> None:
    now = datetime.now(UTC).replace(microsecond=0)
    keys = [log.key, *(new_key() for _ in range(4))]
    changes = [KeyChange("lineage-nexus", new.verifier, 7, now).sign(old, new) for old, new in pairwise(keys)]
    held = read_trusted(f"key {log.key.verifier}\n\n" + "\n".join(reversed(changes)) + "\n")
    assert KeyRing.of(held.keys).follow(held.changes) == []


async def test_a_key_that_nobody_introduced_convinces_nobody(log: Log, tmp_path: Path) -> None:
    witness = FileWitness(tmp_path / "witness.txt")
    await Signer(log.store, log.key, (witness,)).turn(None)
    await act(log.store)
    await Signer(log.store, new_key(), (FileWitness(witness.path),)).turn(None)
    assert len(read_trusted(witness.path.read_text()).notes) == 1
    assert "signed by no trusted key" in str((await verify_store(log.store, log.trusted)).problems)


def test_a_key_signs_nothing_that_comes_after_it(log: Log) -> None:
    now = datetime.now(UTC).replace(microsecond=0)
    thief, heir = new_key(), new_key()
    change = KeyChange("lineage-nexus", heir.verifier, log.new.checkpoint.size, now)
    text = change.sign(log.key, heir)
    late = log.key.sign(Checkpoint("lineage-nexus", 100, bytes(32), now))
    early = heir.sign(Checkpoint("lineage-nexus", 3, bytes(32), now))
    own = change.sign(thief, thief)
    for note in (late, early):
        held = read_trusted(f"key {log.key.verifier}\n\n{text}\n{note}\n")
        assert "no trusted key" in str(verify_export([], held).problems)
    stolen = read_trusted(f"key {log.key.verifier}\n\n{own}\n")
    assert "is not trusted" in str(verify_export([], stolen).problems)


@dataclass
class Authority:
    """An authority of time stamps, which is openssl behind HTTP."""

    folder: Path
    url: str
    broken: bool = False


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Authority]:
    folder = tmp_path_factory.mktemp("authority")
    _make_authority(folder)
    made = Authority(folder, "")

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = self.rfile.read(int(self.headers["Content-Length"]))
            answer = b"no" if made.broken else _stamp(folder, asked)
            self.send_response(200)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None: ...

    server = HTTPServer(("127.0.0.1", 0), Handler)
    made.url = f"http://127.0.0.1:{server.server_port}/"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield made
    server.shutdown()
    server.server_close()


def _make_authority(folder: Path) -> None:
    (folder / "ts.cnf").write_text(_CONFIG.format(folder=folder))
    (folder / "serial").write_text("01\n")
    ca = "req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.pem -days 30 -subj /CN=Root"
    request = "req -newkey rsa:2048 -nodes -keyout tsa.key -out tsa.csr -subj /CN=Authority"
    signed = "x509 -req -in tsa.csr -CA ca.pem -CAkey ca.key -set_serial 2 -days 30 -extfile ts.cnf -extensions cert"
    other = "req -x509 -newkey rsa:2048 -nodes -keyout other.key -out other.pem -days 30 -subj /CN=Other"
    for command in (ca, request, f"{signed} -out tsa.pem", other):
        _openssl(folder, command)


def _stamp(folder: Path, asked: bytes) -> bytes:
    (folder / "asked.tsq").write_bytes(asked)
    _openssl(folder, "ts -reply -config ts.cnf -section tsa -queryfile asked.tsq -out answer.tsr")
    return (folder / "answer.tsr").read_bytes()


def _openssl(folder: Path, command: str) -> None:
    subprocess.run(["openssl", *command.split()], cwd=folder, check=True, capture_output=True)


_CONFIG = """
[tsa]
serial = {folder}/serial
crypto_device = builtin
signer_cert = {folder}/tsa.pem
signer_key = {folder}/tsa.key
signer_digest = sha256
default_policy = 1.2.3.4
digests = sha256, sha384, sha512
accuracy = secs:1
[cert]
extendedKeyUsage = critical,timeStamping
keyUsage = critical,digitalSignature
"""


async def test_checkpoints_are_stamped_and_the_stamps_are_checked(log: Log, authority: Authority) -> None:
    roots = read_roots(authority.folder / "ca.pem")
    stamper = TimeStamper(log.store, authority.url, roots, timedelta(hours=1))
    signer = Signer(log.store, log.key, (), stamper=stamper)
    await signer.turn(None)
    await act(log.store)
    await signer.turn(None)  # within the hour: not again
    verdict = await verify_store(log.store, log.trusted, stamped=Stamped(roots))
    assert verdict.problems == []
    assert verdict.stamped_size == 9
    assert verdict.stamped_at is not None
    assert abs(verdict.stamped_at - datetime.now(UTC)) < timedelta(minutes=5)
    lines = [line async for line in export(log.store)]
    assert verify_export(lines, log.trusted, stamped=Stamped(roots)).stamped_size == 9
    other = Stamped(read_roots(authority.folder / "other.pem"))
    assert "the time stamp of the checkpoint of 9 leaves" in str(
        verify_export(lines, log.trusted, stamped=other).problems
    )


async def test_a_stamp_of_another_content_is_found(log: Log, authority: Authority) -> None:
    roots = read_roots(authority.folder / "ca.pem")
    stamper = TimeStamper(log.store, authority.url, roots, timedelta(0))
    other = log.key.sign(replace(log.new.checkpoint, root=bytes(32)))
    await stamper.take(other)
    verdict = await verify_store(log.store, log.trusted, stamped=Stamped(roots))
    assert "the time stamp of the checkpoint of 9 leaves" in str(verdict.problems)


async def test_an_authority_that_is_away_or_lies_is_asked_again(log: Log, authority: Authority) -> None:
    stamper = TimeStamper(log.store, authority.url, read_roots(authority.folder / "other.pem"), timedelta(0))
    with pytest.raises(UnavailableError, match="its time stamp is wrong"):
        await stamper.take(log.key.sign(log.new.checkpoint))
    authority.broken = True
    signer = Signer(log.store, log.key, (), stamper=replace(stamper, roots=read_roots(authority.folder / "ca.pem")))
    await signer.turn(None)
    assert await audit_seals.stamps(log.store) == {}
    authority.broken = False
    await signer.turn(None)
    assert list(await audit_seals.stamps(log.store)) == [9]
