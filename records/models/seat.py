"""Where staff sit: presence, capacity and how the desk looks to them; and who looks at which conversation.

A seat is made when somebody first comes to the desk. `seen_at` is a page that is open, `active_at`
a hand on it: who is seen but not active for long is away.
"""

from __future__ import annotations

from django.db import models

from records.models.conversation import Conversation
from records.models.staff import Staff
from records.states import Presence, Theme

# Aselo and Llámenos allow three chats a worker; issue 5 speaks of up to nine people in danger at once.
USUAL_CAPACITY, MOST_CAPACITY = 3, 9


class Seat(models.Model):
    """One a member of staff."""

    staff = models.OneToOneField(Staff, on_delete=models.CASCADE, related_name="seat", primary_key=True)
    presence = models.CharField(max_length=8, choices=Presence.choices, default=Presence.AWAY)
    presence_at = models.DateTimeField()  # since when
    seen_at = models.DateTimeField(null=True, blank=True)
    active_at = models.DateTimeField(null=True, blank=True)
    capacity = models.PositiveSmallIntegerField(default=USUAL_CAPACITY)
    on_call = models.BooleanField(default=False)
    time_zone = models.CharField(max_length=64, blank=True)  # empty: the browser's, or UTC without scripts
    language = models.CharField(max_length=8, blank=True)  # of the desk itself; empty: as the browser asks
    theme = models.CharField(max_length=8, choices=Theme.choices, default=Theme.AUTO)


class Viewer(models.Model):
    """Somebody has a conversation open now, or writes in it."""

    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="viewers")
    staff = models.ForeignKey(Staff, on_delete=models.CASCADE, related_name="+")
    seen_at = models.DateTimeField()
    writing_at = models.DateTimeField(null=True, blank=True)
    left_at = models.DateTimeField(null=True, blank=True)  # later than `seen_at`: their page shows another, or is gone
    read_to = models.BigIntegerField(null=True, blank=True)  # the newest message of the contact that was shown to them

    class Meta:
        constraints = (models.UniqueConstraint(fields=["conversation", "staff"], name="one_viewer_a_person"),)


class ConversationLink(models.Model):
    """A worker joined a conversation to an earlier one; nothing else does, but the contact's own word."""

    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="links")
    earlier = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="later_links")
    staff = models.ForeignKey(Staff, on_delete=models.SET_NULL, null=True, related_name="+")
    made_at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=["conversation", "earlier"], name="one_link_a_pair"),)
