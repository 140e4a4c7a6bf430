"""A certificate made on the spot, for a server in a local network: browsers give the camera only to https.

Nobody has checked it, so each browser warns once; its fingerprint tells whether it is the right one.
"""

import datetime
import hashlib
import ipaddress
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tl_core.files import PRIVATE, storage_errors, write_bytes

if TYPE_CHECKING:
    from cryptography import x509

#: It is replaced after so many days; browsers take none that is valid for more than 398.
DAYS = 90
#: So many days before its end it is replaced.
MARGIN_DAYS = 2


@dataclass(frozen=True)
class Certificate:
    """A certificate and its key, as PEM files in a folder that only their user may read."""

    folder: Path

    @property
    def file(self) -> Path:
        return self.folder / "certificate.pem"

    @property
    def key(self) -> Path:
        return self.folder / "key.pem"

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the certificate as browsers show it: ``"AB:CD:…"``; empty where there is none."""
        try:
            der = ssl.PEM_cert_to_DER_cert(self.file.read_text(encoding="ascii"))
        except (OSError, ValueError):
            return ""
        digest = hashlib.sha256(der).hexdigest().upper()
        return ":".join(digest[at : at + 2] for at in range(0, len(digest), 2))


def of(root: Path) -> Certificate:
    """Return where the certificate of a workspace lies, or would lie."""
    return Certificate(root / "certificate")


def ensure(root: Path, names: Sequence[str]) -> Certificate:
    """Return a certificate for these names and addresses; the one that is there, if it is for all of them and valid.

    Args:
        root: of the workspace.
        names: host names and IP addresses.

    Raises:
        StorageError: it cannot be written.
    """
    certificate = of(root)
    if not _is_for(certificate, names):
        _make(certificate, names)
    return certificate


def _is_for(certificate: Certificate, names: Sequence[str]) -> bool:
    from cryptography import x509

    try:
        stored = x509.load_pem_x509_certificate(certificate.file.read_bytes())
        known = stored.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (OSError, ValueError, x509.ExtensionNotFound):
        return False
    lasts = stored.not_valid_after_utc - datetime.datetime.now(datetime.UTC)
    own = {str(each.value) for each in known}
    return certificate.key.is_file() and lasts.days >= MARGIN_DAYS and set(names) <= own


def _make(certificate: Certificate, names: Sequence[str]) -> None:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.datetime.now(datetime.UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Thaw classroom")])
    built = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))  # clocks differ
        .not_valid_after(now + datetime.timedelta(days=DAYS))
        .add_extension(x509.SubjectAlternativeName([_named(each) for each in names]), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    with storage_errors():
        certificate.folder.mkdir(mode=PRIVATE, parents=True, exist_ok=True)
    write_bytes(certificate.key, private)
    write_bytes(certificate.file, built.public_bytes(pem))


def _named(name: str) -> "x509.GeneralName":
    from cryptography import x509

    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)
