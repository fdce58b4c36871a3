"""Directory: services that staff refer people to, each kept as its whole HSDS document.

The document is the truth and goes out as it came in; the columns and the two small tables beside it
are what a search needs, made anew from the document with each change.
"""

from __future__ import annotations

import uuid

from django.db import models

from records.models.staff import Staff


class Service(models.Model):
    """One service of one organisation."""

    uid = models.UUIDField(unique=True, default=uuid.uuid4)  # the `id` of the HSDS document
    name = models.CharField(max_length=300)
    organization = models.CharField(max_length=300, blank=True)
    status = models.CharField(max_length=20)  # active, inactive, defunct, temporarily closed
    minimum_age = models.IntegerField(null=True, blank=True)
    maximum_age = models.IntegerField(null=True, blank=True)
    last_checked = models.DateField(null=True, blank=True)
    checked_by = models.ForeignKey(Staff, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    document = models.JSONField()
    changed_at = models.DateTimeField()

    class Meta:
        indexes = (models.Index(fields=["status", "name"], name="service_by_name"),)

    def __str__(self) -> str:
        return self.name


class ServiceTag(models.Model):
    """One thing that a service can be found by: a need, a country, a language, a group served, a flag."""

    service = models.ForeignKey(Service, on_delete=models.CASCADE, related_name="tags")
    kind = models.CharField(max_length=10)  # need, country, language, serves, flag
    value = models.CharField(max_length=40)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["service", "kind", "value"], name="tag_once_a_service"),)
        indexes = (models.Index(fields=["kind", "value"], name="tag_by_value"),)


class ServicePlace(models.Model):
    """Where a service is; without coordinates where nobody noted them."""

    service = models.ForeignKey(Service, on_delete=models.CASCADE, related_name="places")
    city = models.CharField(max_length=120, blank=True)
    country = models.CharField(max_length=2, blank=True)
    latitude = models.FloatField(null=True, blank=True)
    longitude = models.FloatField(null=True, blank=True)
