"""A throw-away certificate and a picture of a seal; what a sealed paper says of itself and where the seal is."""

from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path

import pypdfium2
from asn1crypto import x509 as asn1
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption
from cryptography.hazmat.primitives.serialization.pkcs12 import serialize_key_and_certificates
from cryptography.x509.oid import NameOID
from PIL import Image, ImageChops, ImageDraw
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko.sign.validation.status import PdfSignatureStatus
from pyhanko_certvalidator import ValidationContext

from tests.papers.scan_images import page_of

OFFICE = "湘潭市科学技术局"
PASSWORD = "only for tests"
DPI = 72  # one pixel is one point


def certificate(
    path: Path, name: str = OFFICE, days: tuple[int, int] = (-1, 365), repudiable: bool = False
) -> x509.Certificate:
    """A throw-away certificate of that name as PKCS#12."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "CN"),
            x509.NameAttribute(NameOID.LOCALITY_NAME, "湘潭市"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, name),
            x509.NameAttribute(NameOID.COMMON_NAME, f"{name}电子印章"),
        ]
    )
    usage = dict.fromkeys(
        ("key_encipherment", "data_encipherment", "key_agreement", "key_cert_sign", "crl_sign", "encipher_only", "decipher_only"),
        False,
    )  # fmt: skip
    since, until = (datetime.now(UTC) + timedelta(days=day) for day in days)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(since)
        .not_valid_after(until)
        .add_extension(x509.KeyUsage(digital_signature=True, content_commitment=not repudiable, **usage), critical=True)
        .sign(key, hashes.SHA256())
    )
    locked = BestAvailableEncryption(PASSWORD.encode())
    path.write_bytes(serialize_key_and_certificates(b"seal", key, made, None, locked))
    return made


def picture(path: Path) -> Path:
    """A red ring with a star in it, the rest transparent."""
    drawn = Image.new("RGBA", (600, 600), (0, 0, 0, 0))
    pen = ImageDraw.Draw(drawn)
    pen.ellipse((4, 4, 596, 596), outline=(210, 20, 30, 255), width=18)
    pen.regular_polygon((300, 300, 90), 5, fill=(210, 20, 30, 255))
    drawn.save(path)
    return path


def status(pdf: bytes, trusted: asn1.Certificate) -> PdfSignatureStatus:
    """Of the one signature, with nothing but that certificate to trust."""
    (embedded,) = PdfFileReader(BytesIO(pdf)).embedded_signatures
    return validate_pdf_signature(embedded, ValidationContext(trust_roots=[trusted], allow_fetching=False))


def red(pdf: bytes, number: int) -> tuple[float, float] | None:
    """The middle of the red points of a page, in points from its upper left corner."""
    parts = page_of(pdf, number, DPI).split()
    much, little = (
        parts[0].point(lambda value: 255 * (value > 150)),
        [part.point(lambda value: 255 * (value < 110)) for part in parts[1:]],
    )
    box = ImageChops.multiply(much, ImageChops.multiply(*little)).getbbox()
    return ((box[0] + box[2]) / 2, (box[1] + box[3]) / 2) if box else None


def written(pdf: bytes, words: str) -> list[tuple[int, float, float]]:
    """Page and middle of every place where the words stand, in points from the upper left corner."""
    found = []
    document = pypdfium2.PdfDocument(pdf)
    for number, page in enumerate(document):
        text = page.get_textpage()
        search = text.search(words)
        while hit := search.get_next():
            first, last = text.get_charbox(hit[0]), text.get_charbox(hit[0] + hit[1] - 1)
            found.append((number, (first[0] + last[2]) / 2, page.get_height() - (first[1] + first[3]) / 2))
    document.close()
    return found
