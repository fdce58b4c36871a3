"""People: whom the line knows as staff, invitations, and who may do what about whom (`desk.roles`).

An invitation's link is shown once. Nobody changes their own account here, and roles are not changed at all:
another role is another account.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render, resolve_url
from django.urls import reverse
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from bot import signals
from content.languages import languages
from desk import keyring, labels, sessions
from desk.frame import ROLE_WORDS
from desk.glass import in_their_words, unseen
from desk.roles import MAY_INVITE, MAY_SWITCH_OFF, Act, allowed, staff_of
from records import audit
from records.errors import WouldLose, WrongInvitation, WrongKey
from records.models import BrokenGlass, Invitation, Staff, StaffKey
from records.sealing import readers
from records.staff import refused, staff_access
from records.states import READS, StaffRole

GONE = 410


def _by_name(codes: Iterable[str]) -> list[tuple[str, str]]:
    return sorted(((code, labels.language_name(code)) for code in codes), key=lambda pair: pair[1])


class InviteForm(forms.Form):
    """Whom to invite."""

    username = forms.RegexField(r"^[\w.@+-]{1,64}$")
    alias = forms.CharField(max_length=64, required=False)
    role = forms.ChoiceField()
    languages = forms.MultipleChoiceField(required=False)

    def __init__(self, *args: Any, roles: frozenset[StaffRole], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"].choices = [(role.value, capfirst(ROLE_WORDS[role])) for role in StaffRole if role in roles]  # type: ignore[attr-defined]
        self.fields["languages"].choices = _by_name(languages())  # type: ignore[attr-defined]

    def clean_username(self) -> str:
        """A name that nobody has."""
        name = str(self.cleaned_data["username"])
        if Staff.objects.filter(username__iexact=name).exists():
            raise ValidationError(_("There is an account of this name already."))
        return name


@require_GET
def people(request: HttpRequest) -> HttpResponse:
    """Everybody, and what this person may do about each."""
    return _page(request, InviteForm(roles=_may_invite(request)))


@require_POST
def invite(request: HttpRequest) -> HttpResponse:
    """Make an invitation; its link is on the page that answers, and never again."""
    form = InviteForm(request.POST, roles=_may_invite(request))
    if not form.is_valid():
        return _page(request, form, status=422)
    wanted = form.cleaned_data
    token = staff_access.invite(
        wanted["username"],
        StaffRole(wanted["role"]),
        timezone.now(),
        by=staff_of(request),
        alias=wanted["alias"],
        languages=wanted["languages"],
    )
    return _page(request, InviteForm(roles=_may_invite(request)), link=_link(request, token), whom=wanted["username"])


@require_http_methods(["GET", "POST"])
def start_anew(request: HttpRequest, staff_id: int) -> HttpResponse:
    """A link for somebody who lost password or phone: a new password, new factors, the same cases.

    Who has found them is out at once; so is a colleague who was pressed by mistake, so it is asked once.
    """
    other = _other(request, staff_id, MAY_INVITE)
    if request.POST.get("really") != "yes":
        return render(request, "desk/start_anew.html", {"whom": other, "reads": other.role in READS})
    made = staff_access.start_anew(other, timezone.now(), by=staff_of(request))
    _tell_given_back(request, made.given_back)
    link = _link(request, made.token)
    return _page(request, InviteForm(roles=_may_invite(request)), link=link, whom=other.username, again=True)


@require_http_methods(["GET", "POST"])
def shut_out(request: HttpRequest, staff_id: int) -> HttpResponse:
    """The same for an administrator, without a link: by it they could sign in as somebody who reads."""
    other = _other(request, staff_id, MAY_SWITCH_OFF)
    if request.POST.get("really") != "yes":
        shown = {"whom": other, "reads": other.role in READS, "no_link": True}
        return render(request, "desk/start_anew.html", shown)
    given = staff_access.shut_out(other, timezone.now(), by=staff_of(request))
    said = _(
        "%(name)s is signed out everywhere; the password and second factors open nothing any more. A supervisor can"
        " make the link for a new start."
    )
    messages.success(request, said % {"name": other.username})
    _tell_given_back(request, given)
    return HttpResponseRedirect(resolve_url("desk:people"))


@require_http_methods(["GET", "POST"])
def switch(request: HttpRequest, staff_id: int) -> HttpResponse:
    """Switch an account off or on; off is asked once, for it ends what they are in the middle of."""
    on = request.POST.get("to") == "on"
    other = _other(request, staff_id, MAY_INVITE if on else MAY_SWITCH_OFF)
    if not on and request.POST.get("really") != "yes":
        return render(request, "desk/switch_off.html", {"whom": other, "reads": other.role in READS})
    given = staff_access.switch(other, timezone.now(), on=on, by=staff_of(request))
    said = _("%(name)s can sign in again.") if on else _("%(name)s is signed out and cannot sign in.")
    messages.success(request, said % {"name": other.username})
    _tell_given_back(request, given)
    return HttpResponseRedirect(resolve_url("desk:people"))


@require_http_methods(["GET", "POST"])
def sign_out_everywhere(request: HttpRequest, staff_id: int) -> HttpResponse:
    """End every session of an account: a phone was lost. Asked once."""
    other = _other(request, staff_id, MAY_SWITCH_OFF)
    if request.POST.get("really") != "yes":
        return render(request, "desk/sign_out_everywhere.html", {"whom": other})
    given = staff_access.end_sessions(other, timezone.now(), by=staff_of(request))
    messages.success(request, _("%(name)s is signed out everywhere.") % {"name": other.username})
    _tell_given_back(request, given)
    return HttpResponseRedirect(resolve_url("desk:people"))


def _tell_given_back(request: HttpRequest, count: int) -> None:
    """Say how many wait again, and show it at every desk."""
    signals.publish(signals.DESK, ())
    if count:
        said = ngettext(
            "%(count)d conversation that they held is back in the queue.",
            "%(count)d conversations that they held are back in the queue.",
            count,
        )
        messages.warning(request, said % {"count": count})


@require_POST
def share(request: HttpRequest, staff_id: int) -> HttpResponse:
    """Give a colleague the keys of everything closed that this person can open."""
    other = Staff.objects.filter(pk=staff_id, is_active=True, role__in=READS).first()
    reader = keyring.of(request.session.session_key)
    if other is None:
        raise Http404
    if reader is None:
        return HttpResponseRedirect(resolve_url("desk:unlock") + "?again=1&next=" + reverse("desk:people"))
    count = readers.share(reader, other)
    audit.record("keys_shared", timezone.now(), staff=staff_of(request), details={"to": other.pk, "count": count})
    said = ngettext(
        "%(name)s can open %(count)d more closed conversation or case.",
        "%(name)s can open %(count)d more closed conversations and cases.",
        count,
    )
    messages.success(request, said % {"name": other.username, "count": count})
    return HttpResponseRedirect(resolve_url("desk:people"))


@require_POST
def glass_seen(request: HttpRequest, glass_id: int) -> HttpResponse:
    """A supervisor has seen that somebody read what was not theirs; nobody waves their own through."""
    staff, now = staff_of(request), timezone.now()
    row = BrokenGlass.objects.filter(pk=glass_id, seen_at__isnull=True).exclude(staff=staff).first()
    if row is None:
        raise Http404
    BrokenGlass.objects.filter(pk=row.pk).update(seen_by=staff, seen_at=now)
    audit.record("glass_seen", now, staff=staff, conversation_uid=row.conversation_uid, details={"glass": row.pk})
    signals.publish(signals.DESK, ())
    if request.htmx:  # type: ignore[attr-defined]
        return HttpResponse(status=204)  # the list on whose page it stood is drawn anew
    return HttpResponseRedirect(resolve_url("desk:people"))


@require_http_methods(["GET", "POST"])
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """What an invited person sees: choose a password. A wrong, used or late link says only that."""
    now = timezone.now()
    try:
        row = staff_access.invitation(token, now)
    except WrongInvitation:
        return render(request, "desk/invitation_gone.html", status=GONE)
    problems: list[str] = []
    if request.method == "POST":
        password = request.POST.get("password", "")
        problems = _password_problems(row.staff or row, password, request.POST.get("again", ""))
        if not problems:
            try:
                staff_access.accept(token, password, now, recovery=request.POST.get("recovery", "").strip())
            except WrongInvitation:
                return render(request, "desk/invitation_gone.html", status=GONE)
            except WrongKey:
                problems = [_("That is neither of the two. Leave the box empty to go on without it.")]
            except WouldLose:
                problems = [_("Without the old password or the recovery key some closed conversations would be lost.")]
            else:
                messages.success(request, _("Done. Sign in with your new password."))
                return HttpResponseRedirect(resolve_url("desk:sign-in"))
    context = {"invited": row, "problems": problems, "reads": row.role in READS}
    return render(request, "desk/invitation.html", context, status=422 if problems else 200)


@require_http_methods(["GET", "POST"])
def password(request: HttpRequest) -> HttpResponse:
    """A new password of one's own: what is closed stays open to its person."""
    staff = staff_of(request)
    problems: list[str] = []
    reader = keyring.of(request.session.session_key)
    if request.method == "POST":
        chosen = request.POST.get("password", "")
        if StaffKey.objects.filter(staff=staff).exists() and reader is None:
            return HttpResponseRedirect(resolve_url("desk:unlock") + "?again=1&next=" + reverse("desk:password"))
        problems = _password_problems(staff, chosen, request.POST.get("again", ""))
        if not problems:
            staff_access.set_password(staff, chosen, timezone.now(), reader=reader)
            sessions.close(request)  # here it is said by this page, elsewhere by that of the sign-in
            messages.success(request, _("Kept. You are signed out everywhere: sign in with the new one."))
            return HttpResponseRedirect(resolve_url("desk:sign-in"))
    return render(request, "desk/password.html", {"problems": problems}, status=422 if problems else 200)


def _password_problems(of: Staff | Invitation, chosen: str, again: str) -> list[str]:
    if chosen != again:
        return [_("The two are not the same.")]
    try:
        validate_password(chosen, user=of)  # type: ignore[arg-type]  # of an invitation it reads the names only
    except ValidationError as problem:
        return [str(message) for message in problem.messages]
    return []


def _page(request: HttpRequest, form: InviteForm, *, status: int = 200, **more: Any) -> HttpResponse:
    staff = staff_of(request)
    role = StaffRole(staff.role)
    rows, wrong = [], refused.lately(timezone.now())
    for other in Staff.objects.order_by("-is_active", "username"):
        mine = other.pk == staff.pk
        others_active = not mine and other.is_active
        may_start = others_active and other.role in MAY_INVITE.get(role, ())
        rows.append(
            {
                "of": other,
                "role": capfirst(ROLE_WORDS[StaffRole(other.role)]),
                "may_start": may_start,
                "may_shut_out": others_active and not may_start and other.role in MAY_SWITCH_OFF.get(role, ()),
                "may_switch_on": not mine and not other.is_active and other.role in MAY_INVITE.get(role, ()),
                "may_switch_off": others_active and other.role in MAY_SWITCH_OFF.get(role, ()),
                "unshared": _unshared(staff, other),
                "wrong": wrong.get(other.pk, 0),
            }
        )
    glass = in_their_words(unseen()) if allowed(staff, Act.SEE_BROKEN_GLASS) else []
    context = {"people": rows, "form": form, "glass": glass, **more}
    return render(request, "desk/people.html", context, status=status)


def _unshared(staff: Staff, other: Staff) -> int:
    """How much closed this person could give a colleague the key of."""
    if not allowed(staff, Act.SHARE_KEYS) or not other.is_active or other.role not in READS or other.pk == staff.pk:
        return 0
    return readers.without_box(other).filter(reader__staff=staff).count()


def _may_invite(request: HttpRequest) -> frozenset[StaffRole]:
    return MAY_INVITE.get(StaffRole(staff_of(request).role), frozenset())


def _other(request: HttpRequest, staff_id: int, rule: dict[StaffRole, frozenset[StaffRole]]) -> Staff:
    """Somebody else whom the rule lets this person act on."""
    staff = staff_of(request)
    other = Staff.objects.filter(pk=staff_id).first()
    if other is None:
        raise Http404
    if other.pk == staff.pk or other.role not in rule.get(StaffRole(staff.role), frozenset()):
        raise PermissionDenied
    return other


def _link(request: HttpRequest, token: str) -> str:
    return request.build_absolute_uri(reverse("desk:invitation", args=[token]))
