"""What is counted of people who wrote, without any of them: a tally for a quarter, then only what is published."""

from __future__ import annotations

from django.db import models


class Tally(models.Model):
    """How many erased people of a quarter were alike. Gone once the quarter is published."""

    quarter = models.DateField()  # its first day
    alike = models.JSONField()  # one word a facet
    mark = models.CharField(max_length=64)  # of these words, to find them by
    people = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["quarter", "mark"], name="one_tally_a_kind"),)


class PublishedQuarter(models.Model):
    """A quarter as it was published, once: counted again after erasures, the difference would tell of one person."""

    quarter = models.DateField(unique=True)
    made_at = models.DateTimeField()
    cells = models.JSONField()
