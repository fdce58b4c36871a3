"""Cases: the list, one case, and what staff do in it. Each act is a POST and one call into `records.casework.cases`.

Who may open a case stands in `records.casework.case_reading`; what leaves the system is made in `desk.htcds` and
`desk.case_pdf`, and only on a consent that stands.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render, resolve_url
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from desk import labels
from desk.case_forms import ConsentForm, ExportForm, FactsForm, NoteForm, OpenForm, ReferralForm, StateForm, TaskForm
from desk.case_shown import shown
from desk.case_words import ABOUT, CONSENTS, HOW, LIMITS, NEVER, REFERRALS, STATES, field_word
from desk.need_to_know import may_open
from desk.roles import Act, allowed, staff_of
from records.casework import case_reading, cases
from records.casework.case_reading import OpenCase
from records.errors import KeptApart, LostClaim, NoConsent, SealBroken, Stale
from records.messages.material import assessment_of
from records.models import Case, Conversation, Staff
from records.staff import shifts
from records.states import CaseState, ConsentKind, ReferralState, Role
from screening.assessment import Assessment

Typed = dict[str, Any]  # a form's fields, judged


@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """The cases this person works on; a supervisor sees all."""
    staff = staff_of(request)
    over = request.GET.get("over") == "1"
    found = case_reading.cases_of(staff, everything=_everything(staff), over=over)
    now = timezone.now()
    rows = [
        {
            "entry": entry,
            "about": ABOUT[entry.about],
            "state": STATES[entry.state],
            "language": labels.language(entry.language),
            "late": entry.next_due is not None and entry.next_due < now,
        }
        for entry in found
    ]
    return render(request, "desk/cases/list.html", {"rows": rows, "over": over, "everything": _everything(staff)})


@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Open a case: from a conversation, or for somebody who called or came by."""
    staff = staff_of(request)
    conversation = _conversation(request, staff)
    if conversation is not None:
        in_case = case_reading.case_of(conversation.pk)
        if in_case is not None:
            return HttpResponseRedirect(resolve_url("desk:case", in_case))
    first = {
        "about": (conversation.role if conversation else "") or Role.SELF,
        "language": conversation.language if conversation else "",
    }
    form = OpenForm(request.POST or None, initial=first)
    if request.method == "POST" and form.is_valid():
        try:
            number = cases.open_case(
                staff,
                Role(form.cleaned_data["about"]),
                timezone.now(),
                conversation_id=conversation.pk if conversation else None,
                language=form.cleaned_data["language"],
                facts=_first_facts(conversation),
            )
        except (KeptApart, LostClaim):
            form.add_error(
                "about",
                _("The conversation is of another kind: what somebody writes about another person is kept apart."),
            )
        else:
            return HttpResponseRedirect(resolve_url("desk:case", number))
    return render(
        request, "desk/cases/new.html", {"form": form, "conversation": conversation}, status=422 if form.errors else 200
    )


@require_GET
def case(request: HttpRequest, case_id: int) -> HttpResponse:
    """One case."""
    return show(request, case_id)


@require_http_methods(["GET", "POST"])
def facts(request: HttpRequest, case_id: int) -> HttpResponse:
    """What is known, as one form. Of two who change it at once the second is told, and keeps what was typed."""
    staff, opened = _opened(request, case_id)
    first = FactsForm.initial_of(opened.facts, opened.version)
    form = FactsForm(request.POST or None, initial=first, about=opened.about, heard=_heard(opened))
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                cases.change_facts(
                    case_id, form.facts(opened.facts), form.cleaned_data["version"], staff, timezone.now()
                )
            except Stale:
                status = 409
                again = request.POST.copy()
                again["version"] = str(opened.version)
                form = FactsForm(again, about=opened.about, heard=_heard(opened))
                form.add_error(
                    None,
                    _("Somebody changed this case meanwhile. Yours is still here, not kept yet."),
                )
            else:
                messages.success(request, _("Kept."))
                return HttpResponseRedirect(resolve_url("desk:case", case_id))
    context = {"case": opened, "form": form, "about": ABOUT[opened.about]}
    return render(request, "desk/cases/facts.html", context, status=status)


@require_POST
def note(request: HttpRequest, case_id: int) -> HttpResponse:
    """Keep a note."""

    def keep(staff: Staff, typed: Typed) -> None:
        cases.add_note(case_id, typed["text"], staff, timezone.now(), share=typed["share"], token=_token(request))

    return _kept(request, case_id, keep, note_form=NoteForm(request.POST))


@require_POST
def task(request: HttpRequest, case_id: int) -> HttpResponse:
    """Keep a task."""

    def keep(staff: Staff, typed: Typed) -> None:
        cases.add_task(
            case_id, typed["text"], staff, timezone.now(), due_at=typed["due_at"], to=typed["to"], token=_token(request)
        )

    return _kept(request, case_id, keep, task_form=TaskForm(request.POST, colleagues=shifts.answering()))


@require_POST
def finish(request: HttpRequest, case_id: int, task_id: int) -> HttpResponse:
    """Mark a task done, or open again."""
    staff, _opened_case = _opened(request, case_id)
    cases.finish_task(case_id, task_id, staff, timezone.now(), done=request.POST.get("done") != "no")
    return _back(case_id)


@require_POST
def consent(request: HttpRequest, case_id: int) -> HttpResponse:
    """Keep an answer about consent."""

    def keep(staff: Staff, typed: Typed) -> None:
        cases.add_consent(
            case_id,
            ConsentKind(typed["kind"]),
            staff,
            timezone.now(),
            given=typed["given"] == "yes",
            how=typed["how"],
            limits=typed["limits"],
            words=typed["words"],
            service=typed["service"],
            token=_token(request),
        )

    return _kept(request, case_id, keep, consent_form=ConsentForm(request.POST))


@require_POST
def referral(request: HttpRequest, case_id: int) -> HttpResponse:
    """Note that they were told of a service."""

    def keep(staff: Staff, typed: Typed) -> None:
        cases.add_referral(
            case_id,
            staff,
            timezone.now(),
            service=typed["service"],
            words={"organization": typed["organization"], "details": typed["details"]},
            reason=typed["reason"],
            follow_up_on=typed["follow_up_on"],
            token=_token(request),
        )

    return _kept(request, case_id, keep, referral_form=ReferralForm(request.POST))


@require_POST
def move(request: HttpRequest, case_id: int, referral_id: int) -> HttpResponse:
    """Say what became of a referral."""
    staff, _opened_case = _opened(request, case_id)
    chosen = request.POST.get("state", "")
    if chosen not in ReferralState.values:
        raise Http404
    try:
        cases.move_referral(case_id, referral_id, ReferralState(chosen), staff, timezone.now())
    except NoConsent:
        messages.warning(
            request, _("Not changed: they have not said yes to telling this service. Note their consent first.")
        )
    return _back(case_id)


@require_POST
def link(request: HttpRequest, case_id: int) -> HttpResponse:
    """Put a conversation into the case, or take it out."""
    staff, _opened_case = _opened(request, case_id)
    conversation = _conversation(request, staff)
    if conversation is None:
        messages.warning(request, _("There is no such conversation that you may read."))
        return _back(case_id)
    if request.POST.get("out"):
        cases.unlink(case_id, conversation.pk, staff, timezone.now())
        return _back(case_id)
    try:
        cases.link(case_id, conversation.pk, staff, timezone.now())
    except KeptApart:
        messages.warning(
            request, _("Not joined: it is in another case, or it is about another person and is kept apart.")
        )
    return _back(case_id)


@require_POST
def state(request: HttpRequest, case_id: int) -> HttpResponse:
    """Move the case on."""
    staff, _opened_case = _opened(request, case_id)
    form = StateForm(request.POST)
    if form.is_valid():
        cases.set_state(case_id, CaseState(form.cleaned_data["state"]), staff, timezone.now())
    return _back(case_id)


@require_POST
def assign(request: HttpRequest, case_id: int) -> HttpResponse:
    """Give the case to a colleague."""
    staff, _opened_case = _opened(request, case_id)
    chosen = request.POST.get("to", "")
    to = shifts.answering().filter(pk=int(chosen)).first() if chosen.isascii() and chosen.isdigit() else None
    if to is None:
        raise Http404
    cases.assign(case_id, to, staff, timezone.now())
    if not case_reading.may_read(case_id, staff, everything=_everything(staff)):
        messages.success(request, _("The case is with %(name)s now.") % {"name": to.alias or to.username})
        return HttpResponseRedirect(resolve_url("desk:cases"))
    return _back(case_id)


def _kept(request: HttpRequest, case_id: int, keep: Callable[[Staff, Typed], None], **form: Form) -> HttpResponse:
    """Have the one form kept for somebody who may open the case; what cannot be kept is shown again as it was typed."""
    staff, _opened_case = _opened(request, case_id)
    (filled,) = form.values()
    if not filled.is_valid():
        return show(request, case_id, status=422, **form)
    keep(staff, filled.cleaned_data)
    return _back(case_id)


def show(request: HttpRequest, case_id: int, *, status: int = 200, **forms: Form) -> HttpResponse:
    """The page of a case, with the forms as they were typed where one could not be kept."""
    staff, opened = _opened(request, case_id)
    context = {
        "case": opened,
        "about": ABOUT[opened.about],
        "state": STATES[opened.state],
        "language": labels.language(opened.language),
        "theirs": opened.about == Role.SELF,
        "never": [NEVER.get(one, one) for one in opened.facts.never],
        "known": _known(opened),
        "consents": [
            {
                "row": row,
                "kind": CONSENTS[row.kind],
                "how": HOW.get(row.how, row.how),
                "limits": [LIMITS.get(one, one) for one in row.limits],
            }
            for row in opened.consents
        ],
        "referrals": [{"row": row, "state": REFERRALS[row.state]} for row in opened.referrals],
        "moves": REFERRALS.items(),
        "colleagues": shifts.answering().exclude(pk=opened.holder_id or 0),
        "note_form": NoteForm(auto_id="note_%s"),
        "task_form": TaskForm(auto_id="task_%s", colleagues=shifts.answering(), initial={"to": staff.pk}),
        "consent_form": ConsentForm(auto_id="consent_%s"),
        "referral_form": ReferralForm(auto_id="referral_%s"),
        "state_form": StateForm(auto_id="state_%s", initial={"state": opened.state}),
        "export_form": export_form(opened),
        "tokens": [uuid.uuid4() for _ in range(4)],
        **forms,
    }
    return render(request, "desk/cases/case.html", context, status=status)


def export_form(opened: OpenCase, data: Any = None) -> ExportForm | None:
    """The form of an export; None while no yes to sharing stands."""
    standing = [row for row in opened.consents if row.kind == ConsentKind.SHARE and row.stands]
    if not standing:
        return None
    form = ExportForm(data, auto_id="export_%s")
    form.fields["consent"].choices = [(str(row.id), row.service or row.words) for row in standing]  # type: ignore[attr-defined]
    if opened.about != Role.SELF:
        form.fields["form"].choices = [("pdf", _("PDF, for people"))]  # type: ignore[attr-defined]
    return form


def open_case_for(request: HttpRequest, case_id: int) -> tuple[Staff, OpenCase]:
    """The case, opened for who asks. Raises Http404 or PermissionDenied."""
    return _opened(request, case_id)


def _opened(request: HttpRequest, case_id: int) -> tuple[Staff, OpenCase]:
    staff = staff_of(request)
    if not Case.objects.filter(pk=case_id).exists():
        raise Http404
    if not case_reading.may_read(case_id, staff, everything=_everything(staff)):
        raise PermissionDenied
    try:
        return staff, case_reading.read_case(case_id, staff, timezone.now())
    except Case.DoesNotExist:
        raise Http404 from None


def _everything(staff: Staff) -> bool:
    return allowed(staff, Act.SUPERVISE)


def _conversation(request: HttpRequest, staff: Staff) -> Conversation | None:
    """The conversation that is named in the form or the address, if this person may read it."""
    named = request.POST.get("conversation") or request.GET.get("conversation") or ""
    if not (named.isascii() and named.isdigit()):
        return None
    row = Conversation.objects.filter(pk=int(named)).first()
    return row if row is not None and may_open(row, staff, timezone.now()) else None


def _assessment(conversation_id: int) -> Assessment:
    try:
        return Assessment.from_json(assessment_of(conversation_id))
    except SealBroken:  # closed, and this person's key is not unwrapped: the form simply starts empty
        return Assessment()


def _first_facts(conversation: Conversation | None) -> cases.CaseFacts:
    """What the conversation told already, so that nobody types it again."""
    known = _assessment(conversation.pk) if conversation else Assessment()
    home = {"prs_MailingCountry": known.country} if known.country and not known.about_other else {}
    return cases.CaseFacts(safe_word=known.word or "", fields=home)


def _heard(opened: OpenCase) -> frozenset[str]:
    """Indicators of the conversations in the case: hints beside choices."""
    found: set[str] = set()
    for row in opened.links:
        found |= set(_assessment(row.conversation_id).indicators)
    return frozenset(found)


def _known(opened: OpenCase) -> list[tuple[str, str]]:
    return [(field_word(name), shown(name, value)) for name, value in opened.facts.fields.items()]


def _token(request: HttpRequest) -> str:
    try:
        return str(uuid.UUID(request.POST.get("token", "")))
    except ValueError:
        return str(uuid.uuid4())


def _back(case_id: int) -> HttpResponse:
    return HttpResponseRedirect(resolve_url("desk:case", case_id))
