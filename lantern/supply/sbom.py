"""SBOM: a CycloneDX 1.6 document of everything that the locks name, and of the encoder in the repository."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable, Mapping
from pathlib import Path

from cyclonedx.factory.license import LicenseFactory
from cyclonedx.model import ExternalReference, ExternalReferenceType, HashAlgorithm, HashType, Property, XsUri
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.output import make_outputter
from cyclonedx.schema import OutputFormat, SchemaVersion
from packageurl import PackageURL

from lantern.supply.licences import UNKNOWN, licence
from lantern.supply.locked import ROOT, Package

CARD = ROOT / "bot" / "understanding" / "encoder" / "card.json"


def sbom(packages: Iterable[Package], installed: Mapping[str, str], version: str) -> str:
    """Return the document as JSON."""
    bom = Bom(serial_number=uuid.uuid4())
    bom.metadata.component = ours = Component(name="lantern", version=version, type=ComponentType.APPLICATION)
    parts = [*(_component(one, installed) for one in packages), _encoder(CARD)]
    for part in parts:
        bom.components.add(part)
    bom.register_dependency(ours, parts)
    made: str = make_outputter(bom, OutputFormat.JSON, SchemaVersion.V1_6).output_as_string(indent=2)
    return made


def _component(one: Package, installed: Mapping[str, str]) -> Component:
    purl = PackageURL("pypi", name=one.name, version=one.version)
    said = licence(one.name, dict(installed))
    return Component(
        name=one.name,
        version=one.version,
        type=ComponentType.LIBRARY,
        bom_ref=str(purl),
        purl=purl,
        licenses=[] if said == UNKNOWN else [LicenseFactory().make_from_string(said)],
        # Each hash is that of one file (a wheel of one system, the source): none is the hash of the package.
        external_references=[
            ExternalReference(
                type=ExternalReferenceType.DISTRIBUTION,
                url=XsUri(f"{purl}#{digest[:12]}"),
                hashes=[HashType(alg=HashAlgorithm.SHA_256, content=digest)],
            )
            for digest in one.hashes
        ],
        properties=[
            *(Property(name="lantern:lock", value=lock) for lock in one.locks),
            *([Property(name="lantern:marker", value=one.marker)] if one.marker else []),
        ],
    )


def _encoder(card: Path) -> Component:
    known = json.loads(card.read_text(encoding="utf-8"))["encoder"]
    return Component(
        name=f"encoder/{known['file']}",
        version=known["sha256"][:16],
        type=ComponentType.MACHINE_LEARNING_MODEL,
        bom_ref=f"encoder/{known['file']}",
        licenses=[LicenseFactory().make_from_string("MIT")],
        hashes=[HashType(alg=HashAlgorithm.SHA_256, content=known["sha256"])],
    )
