"""Addresses of cases, each with the act it needs; which case is open to whom is judged by `desk.cases`."""

from __future__ import annotations

from django.urls import path

from desk import case_export, cases
from desk.roles import Act, closed

ADDRESSES = [
    path("cases/", closed(Act.READ, cases.listing), name="cases"),
    path("cases/new/", closed(Act.ANSWER, cases.new), name="case-new"),
    path("cases/<int:case_id>/", closed(Act.READ, cases.case), name="case"),
    path("cases/<int:case_id>/facts/", closed(Act.ANSWER, cases.facts), name="case-facts"),
    path("cases/<int:case_id>/note/", closed(Act.ANSWER, cases.note), name="case-note"),
    path("cases/<int:case_id>/task/", closed(Act.ANSWER, cases.task), name="case-task"),
    path("cases/<int:case_id>/task/<int:task_id>/", closed(Act.ANSWER, cases.finish), name="case-finish"),
    path("cases/<int:case_id>/consent/", closed(Act.ANSWER, cases.consent), name="case-consent"),
    path("cases/<int:case_id>/referral/", closed(Act.ANSWER, cases.referral), name="case-referral"),
    path("cases/<int:case_id>/referral/<int:referral_id>/", closed(Act.ANSWER, cases.move), name="case-move"),
    path("cases/<int:case_id>/link/", closed(Act.ANSWER, cases.link), name="case-link"),
    path("cases/<int:case_id>/state/", closed(Act.ANSWER, cases.state), name="case-state"),
    path("cases/<int:case_id>/assign/", closed(Act.ANSWER, cases.assign), name="case-assign"),
    path("cases/<int:case_id>/export/", closed(Act.ANSWER, case_export.export), name="case-export"),
]
