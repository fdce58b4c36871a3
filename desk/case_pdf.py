"""A consented case as PDF: readable in every script that the machine has a font for.

Letters that no font here can show are named on the page, with what to install; they never vanish silently.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from fpdf import FPDF
from fpdf.enums import Align, TextDirection, XPos, YPos

from desk import htcds
from desk.case_shown import shown
from desk.case_words import CONSENTS, HOW, LIMITS, NEVER, field_word
from desk.directions import phones_in_order
from desk.pdf_breaks import with_breaks
from desk.pdf_fonts import Font, Fonts, fonts_for
from records.casework.case_reading import ConsentRow, OpenCase

_LINE_MM, _TEXT_PT, _LABEL_MM = 5.6, 10.5, 52
_RTL = ("R", "AL")
_SHOWN_MISSING = 60


@dataclass(frozen=True, slots=True)
class Part:
    """One heading with its rows of label and text."""

    title: str
    rows: tuple[tuple[str, str], ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Page:
    """The file, and what stands on it of letters that could not be shown: empty when all could."""

    file: bytes = field(repr=False)
    missing: str


def as_pdf(case: OpenCase, consent: ConsentRow, made: htcds.Export | None, *, named: bool) -> Page:
    """The case on paper. `made` is the HTCDS side of it; None for a case that somebody else than the person told."""
    parts = [part for part in (_head(consent, named=named), *_parts(case, made, named=named)) if part.rows]
    title = _("Case %(number)s") % {"number": case.id}
    fonts = fonts_for([title, *(text for part in parts for row in part.rows for text in row)])
    page = _Paper(title, fonts)
    for part in parts:
        page.part(part)
    if fonts.missing:
        advice = _("Whoever runs the machine can install the Noto fonts and make the PDF again.")
        rows = ((_("Letters"), told_missing(fonts)), (_("What helps"), advice))
        page.part(Part(_("Letters that could not be shown"), rows))
    return Page(page.bytes(), told_missing(fonts) if fonts.missing else "")


def told_missing(fonts: Fonts) -> str:
    """The letters that no font has, by number and name."""
    codes = [f"U+{ord(letter):04X} {unicodedata.name(letter, '')}".strip() for letter in fonts.missing[:_SHOWN_MISSING]]
    more = len(fonts.missing) - len(codes)
    letters = ", ".join([*codes, *([f"+{more}"] if more > 0 else [])])
    return _("No font on this machine has these letters, so they are not readable in the PDF: %(letters)s") % {
        "letters": letters
    }


def _made_on() -> str:
    """Now, by the reader's clock, with the name of its zone: the paper goes to people elsewhere."""
    return f"{date_format(timezone.localtime(), 'DATETIME_FORMAT')} ({timezone.get_current_timezone_name()})"


def _day(at: datetime) -> str:
    """The day of it, by the same clock."""
    return str(date_format(timezone.localtime(at), "DATE_FORMAT"))


def _head(consent: ConsentRow, *, named: bool) -> Part:
    told = ", ".join(str(LIMITS.get(one, one)) for one in consent.limits)
    return Part(
        _("What this is"),
        tuple(
            _filled(
                (_("Made on"), _made_on()),
                (_("Given to"), consent.service or consent.words),
                (_("Consent"), f"{CONSENTS[consent.kind]} · {_day(consent.at)} · {HOW.get(consent.how, '')}"),
                (_("Told before"), told),
                (_("Left out"), "" if named else _("Name, date of birth and contact")),
                (_("Please note"), _("A note of a hotline, not a finding. Keep it where only those read it who help.")),
            )
        ),
    )  # fmt: skip


def _parts(case: OpenCase, made: htcds.Export | None, *, named: bool) -> Iterator[Part]:
    facts = case.facts
    yield Part(
        _("Safe contact"),
        tuple(
            _filled(
                (_("Call them"), facts.call_them if named else ""),
                (_("Reach them"), facts.reach if named else ""),
                (_("Safe time"), facts.safe_time),
                (_("Never"), ", ".join(str(NEVER.get(one, one)) for one in facts.never)),
            )
        ),
    )
    yield Part(_("Situation"), tuple(_filled((_("In words"), facts.situation))))
    if made is None:
        notes = [(_day(note.at), note.text) for note in case.notes if note.share]
        yield Part(_("Notes"), tuple(notes))
        return
    titles = {
        "person": _("Person"),
        "victim": _("What happened"),
        "case": _("Case"),
        "event": _("Events"),
        "plan": _("Plan"),
        "comment": _("Notes"),
    }
    rows = list(htcds.rows_of(made))
    for section, title in titles.items():
        yield Part(title, tuple((field_word(name), shown(name, v)) for part, _n, name, v in rows if part == section))


def _filled(*rows: tuple[str, str]) -> Iterator[tuple[str, str]]:
    return (row for row in rows if row[1].strip())


class _Paper:
    """The page: a title, headings, rows."""

    def __init__(self, title: str, fonts: Fonts) -> None:
        self._fonts = fonts
        self._pdf = FPDF(format="A4")
        self._pdf.set_auto_page_break(auto=True, margin=18)
        self._pdf.set_title(title)
        self._pdf.set_creator("Lantern")
        for font in fonts.fonts:
            self._pdf.add_font(font.name, fname=font.path)
        self._pdf.add_page()
        if fonts.fonts:
            self._pdf.set_text_shaping(use_shaping_engine=True)
        self._write(title, size=17, width=0)
        self._pdf.ln(2)

    def part(self, part: Part) -> None:
        """A heading and its rows."""
        if self._pdf.will_page_break(4 * _LINE_MM):
            self._pdf.add_page()
        self._pdf.ln(3)
        self._write(part.title, size=12.5, width=0)
        self._pdf.set_draw_color(160)
        self._pdf.line(self._pdf.l_margin, self._pdf.get_y(), self._pdf.w - self._pdf.r_margin, self._pdf.get_y())
        self._pdf.ln(1.5)
        for label, text in part.rows:
            self._row(label, text)

    def bytes(self) -> bytes:
        """The file."""
        return bytes(self._pdf.output())

    def _row(self, label: str, text: str) -> None:
        top, page = self._pdf.get_y(), self._pdf.page
        self._pdf.set_text_color(85)
        self._write(label, size=_TEXT_PT, width=_LABEL_MM - 3)
        below, below_page = self._pdf.get_y(), self._pdf.page
        self._pdf.set_text_color(0)
        if below_page == page:
            self._pdf.set_y(top)
        for paragraph in text.splitlines() or [""]:
            self._pdf.set_x(self._pdf.l_margin + _LABEL_MM)
            self._write(paragraph or " ", size=_TEXT_PT, width=0)
        if self._pdf.page == below_page:
            self._pdf.set_y(max(self._pdf.get_y(), below))
        self._pdf.ln(0.8)

    def _write(self, text: str, *, size: float, width: float) -> None:
        self._set(text, size)
        if not self._fonts.fonts:  # the one font that every reader of PDF brings along has Latin letters only
            text = text.encode("latin-1", "replace").decode("latin-1")
        rtl = _is_rtl(text)
        if self._fonts.fonts:
            direction = TextDirection.RTL if rtl else TextDirection.LTR
            self._pdf.set_text_shaping(use_shaping_engine=True, direction=direction)
        self._pdf.multi_cell(
            width, _LINE_MM * size / _TEXT_PT, with_breaks(phones_in_order(text)), align=Align.R if rtl else Align.L,
            new_x=XPos.LMARGIN, new_y=YPos.NEXT,
        )  # fmt: skip

    def _set(self, text: str, size: float) -> None:
        best: Font | None = self._fonts.best(text)
        if best is None:
            self._pdf.set_font("helvetica", size=size)
            return
        others: Sequence[str] = [font.name for font in self._fonts.fonts if font is not best]
        self._pdf.set_font(best.name, size=size)
        self._pdf.set_fallback_fonts(list(others), exact_match=False)


def _is_rtl(text: str) -> bool:
    """As a reader sees it: the first letter with a direction decides."""
    strong = (unicodedata.bidirectional(letter) for letter in text)
    return next((one in _RTL for one in strong if one in ("L", *_RTL)), False)
