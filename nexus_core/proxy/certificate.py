"""The proxy's certificate: given, or made at the first start of an embedded installation."""

from __future__ import annotations

import ipaddress
import os
import socket
import ssl
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from nexus_core.errors import ConfigurationError
from nexus_core.proxy.door import Tls
from nexus_core.settings import Settings

_LIFE = timedelta(days=3650)


@dataclass(frozen=True, slots=True)
class CertificateFiles:
    """Where the certificate (with those that vouch for it) and its key lie, as PEM."""

    certificate: Path
    key: Path


def ensure_files(given: CertificateFiles | None, data_dir: Path) -> CertificateFiles:
    """Give the files of the settings, or those of the data folder, made if they are not there."""
    if given is not None:
        return given
    own = CertificateFiles(data_dir / "proxy-certificate.pem", data_dir / "proxy-certificate-key.pem")
    if not own.certificate.exists():
        data_dir.mkdir(parents=True, exist_ok=True)
        _make(own)
    return own


def certificate_files(settings: Settings) -> CertificateFiles:
    """Give the certificate's files, made where an installation is embedded. Raises ConfigurationError."""
    given = settings.proxy
    if (given.tls_certificate is None) != (given.tls_key is None):
        raise ConfigurationError("A certificate and its key belong together", "Set both NEXUS_PROXY__TLS_… or none")
    if given.tls_certificate is None or given.tls_key is None:
        return ensure_files(None, settings.data_dir.expanduser())
    return CertificateFiles(given.tls_certificate.expanduser(), given.tls_key.expanduser())


def open_tls(files: CertificateFiles) -> Tls:
    """Read them. Raises ConfigurationError."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        context.load_cert_chain(files.certificate, files.key)
        return Tls(context, _binding(_leaf(files)))
    except (OSError, ValueError) as error:
        advice = "See NEXUS_PROXY__TLS_CERTIFICATE and NEXUS_PROXY__TLS_KEY"
        raise ConfigurationError(f"The certificate {files.certificate} cannot be used: {error}", advice) from error


def fingerprint(files: CertificateFiles) -> str:
    """Give SHA-256 of the certificate as people compare it: `AB:CD:…`."""
    return _leaf(files).fingerprint(hashes.SHA256()).hex(":").upper()


def _leaf(files: CertificateFiles) -> x509.Certificate:
    return x509.load_pem_x509_certificates(files.certificate.read_bytes())[0]


def _binding(certificate: x509.Certificate) -> bytes | None:
    """Give the hash that SCRAM binds to (RFC 5929 §4.1); None for a signature that has none of its own."""
    algorithm = certificate.signature_hash_algorithm
    if algorithm is None:
        return None
    weak = isinstance(algorithm, (hashes.MD5, hashes.SHA1))
    return certificate.fingerprint(hashes.SHA256() if weak else algorithm)


def _make(files: CertificateFiles) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "LineageNexus masking proxy")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=5))
        .not_valid_after(now + _LIFE)
        .add_extension(x509.SubjectAlternativeName(list(_names())), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    _write(files.key, key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()), 0o600)
    _write(files.certificate, certificate.public_bytes(Encoding.PEM), 0o644)


def _names() -> Iterable[x509.GeneralName]:
    yield x509.DNSName("localhost")
    if host := socket.gethostname().encode("ascii", "ignore").decode():
        yield x509.DNSName(host)
    yield from (x509.IPAddress(ipaddress.ip_address(each)) for each in ("127.0.0.1", "::1"))


def _write(path: Path, content: bytes, mode: int) -> None:
    """Write it under another name first: another process may be looking for it now."""
    temporary = path.with_suffix(f".{os.getpid()}")
    with os.fdopen(os.open(temporary, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, mode), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
