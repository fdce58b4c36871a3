"""The directory of services: keep, find, check, warn. Each change and its audit row are one transaction."""

from __future__ import annotations

import math
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Prefetch, Q

from records import audit
from records.casework import hsds
from records.casework.hsds import Document
from records.models import Service, ServicePlace, ServiceTag, Staff

FRESH = timedelta(days=180)  # as for helplines: content/helplines.py
NEEDS = (
    "safe_place", "medical", "counselling", "legal", "wages", "papers", "interpreter", "go_home", "children", "food",
    "police_liaison", "helpline",
)  # fmt: skip
SERVES = ("women", "men", "children", "families", "lgbt", "disabled", "no_papers", "domestic_workers", "seafarers")
# closed: people may not go out as they like. tied_visa: a permit to stay hangs on working with the police.
# secret: the address is told to nobody who has not been accepted.
FLAGS = ("closed", "tied_visa", "tells_police", "secret", "full")
ADULT = 18
_EARTH_KM = 6371.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What somebody looks for; what is empty does not matter."""

    words: str = ""
    need: str = ""
    country: str = ""
    language: str = ""
    serves: str = ""
    age: int | None = None
    near: tuple[float, float] | None = None
    within_km: float | None = None
    also_closed_down: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A service that fits."""

    id: int
    name: str
    organization: str
    status: str
    needs: tuple[str, ...]
    serves: tuple[str, ...]
    flags: tuple[str, ...]
    languages: tuple[str, ...]
    countries: tuple[str, ...]
    cities: tuple[str, ...]
    ages: tuple[int | None, int | None]  # from and to which age; None where the service says nothing
    last_checked: date | None
    stale: bool
    km: float | None


def keep(document: Document, staff: Staff | None, now: datetime) -> Service:
    """Put a judged document into the directory, in place of the one with its id if there is one."""
    known = hsds.known(document)
    with transaction.atomic():
        service = Service.objects.select_for_update().filter(uid=known.uid).first() or Service(uid=known.uid)
        is_new = service.pk is None
        service.name, service.organization, service.status = known.name[:300], known.organization[:300], known.status
        service.minimum_age, service.maximum_age = known.minimum_age, known.maximum_age
        service.last_checked, service.document, service.changed_at = known.last_checked, document, now
        service.save()
        service.tags.all().delete()
        service.places.all().delete()
        ServiceTag.objects.bulk_create(
            ServiceTag(service=service, kind=kind, value=value[:40]) for kind, value in sorted(known.tags)
        )
        ServicePlace.objects.bulk_create(
            ServicePlace(
                service=service,
                city=place.city[:120],
                country=place.country,
                latitude=place.latitude,
                longitude=place.longitude,
            )
            for place in known.places
        )
        _record("service_added" if is_new else "service_changed", service, staff, now)
        return service


def mark_checked(service_id: int, staff: Staff, now: datetime) -> None:
    """Somebody made sure today that all of it is right."""
    with transaction.atomic():
        service = Service.objects.select_for_update().get(pk=service_id)
        service.document = hsds.checked(service.document, now.date())
        service.last_checked, service.checked_by, service.changed_at = now.date(), staff, now
        service.save()
        _record("service_checked", service, staff, now)


def set_flag(service_id: int, flag: str, staff: Staff, now: datetime, *, on: bool) -> None:
    """Warn of a service, or take the warning back. Raises ValueError for a warning that we do not know."""
    if flag not in FLAGS:
        raise ValueError(f"flag {flag!r}; known: {', '.join(FLAGS)}")
    with transaction.atomic():
        service = Service.objects.select_for_update().get(pk=service_id)
        flags = [one for one in hsds.facets(service.document, "flag") if one != flag] + ([flag] if on else [])
        service.document = hsds.with_facets(service.document, "flag", flags)
        service.changed_at = now
        service.save()
        ServiceTag.objects.filter(service=service, kind="flag", value=flag).delete()
        if on:
            ServiceTag.objects.create(service=service, kind="flag", value=flag)
        _record("service_flagged" if on else "service_unflagged", service, staff, now, flag=flag)


def remove(service_id: int, staff: Staff, now: datetime) -> None:
    """Take a service out; cases that named it keep their own words."""
    with transaction.atomic():
        service = Service.objects.select_for_update().filter(pk=service_id).first()
        if service is not None:
            _record("service_removed", service, staff, now)
            service.delete()


def find(wanted: Wanted, today: date, limit: int = 200) -> list[Found]:
    """Services that fit, the nearest first, else those checked last first. Closed ones only if asked for."""
    services = Service.objects.all() if wanted.also_closed_down else Service.objects.filter(status="active")
    for kind, value in (("need", wanted.need), ("country", wanted.country), ("language", wanted.language)):
        if value:
            services = services.filter(_tagged(kind, value))
    if wanted.serves:
        # A service that names nobody serves everybody.
        names_somebody = ServiceTag.objects.filter(service=OuterRef("pk"), kind="serves")
        services = services.filter(_tagged("serves", wanted.serves) | ~Q(Exists(names_somebody)))
    if wanted.serves == "children":
        services = services.exclude(minimum_age__gte=ADULT)  # whatever else it says of itself
    if wanted.age is not None:
        services = services.filter(
            Q(minimum_age__isnull=True) | Q(minimum_age__lte=wanted.age),
            Q(maximum_age__isnull=True) | Q(maximum_age__gte=wanted.age),
        )
    tags = Prefetch("tags", queryset=ServiceTag.objects.order_by("value"))
    rows = services.prefetch_related(tags, "places").order_by("name", "pk")
    found = [_found(row, wanted, today) for row in rows if _says(row, wanted.words)]
    if wanted.near and wanted.within_km is not None:
        found = [one for one in found if one.km is not None and one.km <= wanted.within_km]
    found.sort(key=_order)
    return found[:limit]


def one(service: Service, today: date) -> Found:
    """A service as a search would show it."""
    return _found(service, Wanted(), today)


def place_named(text: str) -> tuple[float, float] | None:
    """Where a city is, as far as the directory knows services with coordinates there."""
    name = text.strip().casefold()
    rows = ServicePlace.objects.filter(latitude__isnull=False).exclude(city="")
    spots = [(row.latitude, row.longitude) for row in rows if name and row.city.casefold() == name]
    if not spots:
        return None
    return sum(lat or 0 for lat, _ in spots) / len(spots), sum(lon or 0 for _, lon in spots) / len(spots)


def documents() -> Iterator[Document]:
    """Every document, as it came in or was changed here."""
    for service in Service.objects.order_by("name", "pk").iterator():
        yield service.document


def secret_addresses() -> tuple[str, ...]:
    """Streets that must not be written to anybody by mistake: of services with a secret address."""
    rows = Service.objects.filter(_tagged("flag", "secret")).values_list("document", flat=True)
    return tuple(dict.fromkeys(street for row in rows for street in _streets(row)))


def values(kind: str) -> list[str]:
    """What the directory can be searched by: the countries or languages that stand in it."""
    return sorted(set(ServiceTag.objects.filter(kind=kind).values_list("value", flat=True)))


def by_uid(uid: uuid.UUID) -> Service | None:
    """The service with this HSDS id."""
    return Service.objects.filter(uid=uid).first()


def _tagged(kind: str, value: str) -> Q:
    return Q(Exists(ServiceTag.objects.filter(service=OuterRef("pk"), kind=kind, value=value)))


def _says(row: Service, words: str) -> bool:
    """True when every word stands in what is told about the service; SQLite folds only ASCII letters itself."""
    if not words:
        return True
    told = f"{row.name} {row.organization} {row.document.get('description') or ''}".casefold()
    return all(word in told for word in words.casefold().split())


def _found(row: Service, wanted: Wanted, today: date) -> Found:
    tags: dict[str, list[str]] = {}
    for tag in row.tags.all():
        tags.setdefault(tag.kind, []).append(tag.value)
    places = list(row.places.all())
    return Found(
        id=row.pk,
        name=row.name,
        organization=row.organization,
        status=row.status,
        needs=tuple(tags.get("need", ())),
        serves=tuple(tags.get("serves", ())),
        flags=tuple(tags.get("flag", ())),
        languages=tuple(tags.get("language", ())),
        countries=tuple(tags.get("country", ())),
        ages=(row.minimum_age, row.maximum_age),
        cities=tuple(dict.fromkeys(place.city for place in places if place.city)),
        last_checked=row.last_checked,
        stale=row.last_checked is None or today - row.last_checked > FRESH,
        km=_nearest(places, wanted.near) if wanted.near else None,
    )


def _nearest(places: Sequence[ServicePlace], near: tuple[float, float]) -> float | None:
    known = [(p.latitude, p.longitude) for p in places if p.latitude is not None and p.longitude is not None]
    return min((distance_km(near, spot) for spot in known), default=None)


def distance_km(one: tuple[float, float], other: tuple[float, float]) -> float:
    """The way over the globe between two points in degrees."""
    lat1, lon1, lat2, lon2 = map(math.radians, (*one, *other))
    half = math.sin((lat2 - lat1) / 2) ** 2 + math.cos(lat1) * math.cos(lat2) * math.sin((lon2 - lon1) / 2) ** 2
    return 2 * _EARTH_KM * math.asin(math.sqrt(half))


def _order(found: Found) -> tuple[Any, ...]:
    far = found.km if found.km is not None else math.inf
    checked = found.last_checked.toordinal() if found.last_checked else 0
    return (far, "full" in found.flags, -checked, found.name)


def _streets(row: Any) -> Iterator[str]:
    if isinstance(row, dict):
        if isinstance(row.get("address_1"), str) and row["address_1"].strip(" -"):
            yield row["address_1"].strip()
        for value in row.values():
            yield from _streets(value)
    elif isinstance(row, list):
        for one in row:
            yield from _streets(one)


def _record(action: str, service: Service, staff: Staff | None, now: datetime, **details: audit.Detail) -> None:
    audit.record(action, now, staff=staff, details={"service": service.pk, **details})


__all__ = [
    "FLAGS", "FRESH", "NEEDS", "SERVES", "Found", "Wanted", "by_uid", "distance_km", "documents", "find",
    "keep", "mark_checked", "one", "place_named", "remove", "secret_addresses", "set_flag", "values",
]  # fmt: skip
