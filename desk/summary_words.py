"""Words of the summary: what staff read for each id in it, in the language of the desk."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Words = dict[str, str | Promise]

DIMENSIONS: Words = {
    "REC": _("recruitment"),
    "CON": _("control"),
    "EXP": _("exploitation"),
    "VUL": _("vulnerability"),
    "MOD": "",
}
STRENGTHS: Words = {"S": _("strong"), "M": _("medium"), "W": _("weak")}
PATTERNS: Words = {
    "P1": _("Control and exploitation were heard, with recruitment or vulnerability."),
    "P2": _("Control and exploitation were heard."),
    "P3": _("Control was heard; exploitation was not, or not yet."),
    "P4": _("Exploitation was heard; control was not, or not yet."),
    "P5": _("Only recruitment was heard: perhaps before departure."),
    "P6": _("Some signs were heard: presume in favour."),
    "C": _("Under 18 with another indicator: how they were brought in does not matter."),
}
# The same where there are points also in what is not positive yet: "not heard" would contradict them.
PATTERNS_PARTLY: Words = {
    "P3": _("Control was heard, and some signs of exploitation: too few yet to count as heard."),
    "P4": _("Exploitation was heard, and some signs of control: too few yet to count as heard."),
    "P5": _("Recruitment was heard, and some signs of more: too few yet to count as heard."),
}
NEEDS: Words = {
    "safe_place": _("a safe place"),
    "doctor": _("a doctor"),
    "pay_papers": _("pay or papers"),
    "go_home": _("to go home"),
    "talk": _("to talk"),
    "information": _("information"),
}
ROLES: Words = {
    "self": _("themselves"),
    "family": _("someone close to them"),
    "community": _("someone they saw or know"),
}
AGES: Words = {"under_15": _("under 15"), "15_17": _("15 to 17"), "18_plus": _("18 or more")}
CONSENT: Words = {"yes": _("yes"), "no": _("no: erased 24 hours after the last word")}
WANTS: Words = {"yes": _("yes"), "no": _("declined, may come back")}
SOURCES: Words = {
    "said": _("said"),
    "confirmed": _("confirmed when asked"),
    "answer": _("from an answer"),
    "staff": _("noted by staff"),
    "model": _("heard by the model"),
    "intent": _("heard by the model"),
}
QUESTIONS: Words = {
    "safe": _("safe to write"),
    "role": _("about whom"),
    "language": _("language"),
    "consent": _("may we keep it"),
    "age_band": _("age"),
    "story": _("what is going on"),
    "need": _("what would help"),
    "person": _("want a person"),
    "numbers": _("want numbers"),
    "country": _("country"),
    "delete": _("delete"),
    "call": _("want us to call for help"),
    "worry": _("what worries them"),
    "their_age": _("age of the person"),
    "their_danger": _("in danger now"),
    "reach": _("can they be reached"),
    "they_know": _("do they know"),
    "seen": _("what was seen"),
    "where": _("where"),
    "when": _("when"),
    "write_back": _("may we write back"),
    "others": _("are others there too"),
    "helper": _("a woman or a man"),
    "word": _("a word for later"),
    "return_word": _("their word"),
    "child_alone": _("is someone with them"),
    "child_story": _("what is going on"),
}
TOLD: Words = {
    "numbers": _("helplines"),
    "digital_safety": _("safety of the phone"),
    "emergency": _("emergency number"),
}
