"""Words for the directory: needs, whom a service is for, and what to warn of."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Words = dict[str, str | Promise]

NEEDS: Words = {
    "safe_place": _("A safe place to stay"),
    "medical": _("A doctor"),
    "counselling": _("Somebody to talk to, counselling"),
    "legal": _("A lawyer, legal advice"),
    "wages": _("Pay that was kept back"),
    "papers": _("Papers, permit to stay"),
    "interpreter": _("An interpreter"),
    "go_home": _("To go home"),
    "children": _("Help for children"),
    "food": _("Food, clothes, money"),
    "police_liaison": _("Somebody to go to the police with"),
    "helpline": _("A helpline"),
}
SERVES: Words = {
    "women": _("Women"),
    "men": _("Men"),
    "children": _("Children and teenagers"),
    "families": _("Families"),
    "lgbt": _("LGBT people"),
    "disabled": _("People with disabilities"),
    "no_papers": _("People without papers"),
    "domestic_workers": _("Domestic workers"),
    "seafarers": _("Fishers and seafarers"),
}
FLAGS: Words = {
    "closed": _("Closed: people may not go out as they like, or phones are taken"),
    "tied_visa": _("Permit to stay hangs on working with the police"),
    "tells_police": _("Tells police or immigration by itself"),
    "secret": _("Address is secret: never write it in a reply"),
    "full": _("Full at the moment"),
}
STATUS: Words = {
    "active": _("Open"),
    "inactive": _("Not active"),
    "defunct": _("Closed down"),
    "temporarily closed": _("Closed for some time"),
}
