"""The page of figures that `./run evaluate` writes: what is understood, in which language, and what is not."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bot.understanding.evaluation import Figures, Report

_COLUMNS = (
    ("language", "language"),
    ("intent", "intent"),
    ("risks", "risk raised or asked"),
    ("urgent_or_asked", "urgent: marked or asked"),
    ("urgent", "urgent: marked"),
    ("false_urgent", "not urgent: marked"),
    ("false_question", "not urgent: asked"),
)
_CONFUSIONS = 15
_PICTURE = "images/understanding.svg"


def page(reports: Mapping[str, Report], card: Mapping[str, Any], cost: float) -> str:
    """Return the page as Markdown."""
    lines = ["# What Lantern understands", ""]
    lines += [
        "Made by `./run evaluate --write`. Each message is read alone: no country, no memory, no question before it.",
        "",
    ]
    lines += [f"![Intent, indicators and urgency by language]({_PICTURE})", ""]
    lines += [f"A message costs {cost:.2f} times its passes through the encoder, measured in the same run.", ""]
    if card:
        lines += _of_card(card)
    for name, report in reports.items():
        lines += [f"## On {name}", ""]
        lines += _table(report)
        lines += [
            "",
            (
                f"A message takes {report.milliseconds:.1f} ms (median, one thread). Of out-of-scope messages "
                f"{_percent(report.total.harmless_urgent.value)} are marked urgent; of all, "
                f"{_percent(report.total.doubt.value)} leave no intent likely."
            ),
            "",
        ]
        lines += _labels(report) + _confused(report) + _reliable(report)
    return "\n".join(lines) + "\n"


def write(text: str, reports: Mapping[str, Report], docs: Path) -> None:
    """Write the page and the picture of the first report."""
    (docs / "understanding.md").write_text(text, encoding="utf-8")
    _draw(next(iter(reports.values())), docs / _PICTURE)


def _of_card(card: Mapping[str, Any]) -> list[str]:
    lines = ["| tuning of the encoder | starts from | messages |", "|---|---|---|"]
    for number, one in enumerate(card["encoder"]["tunings"], start=1):
        recipe = ", ".join(f"{name} {one[name]}" for name in ("rate", "epochs", "batch", "seed"))
        lines.append(f"| {number}: {recipe} | {one['start']} | {one['examples']} |")
    return [*lines, ""]


def _table(report: Report) -> list[str]:
    lines = ["| | messages | " + " | ".join(name for _, name in _COLUMNS) + " | indicators F1 |"]
    lines += ["|---" * (len(_COLUMNS) + 3) + "|"]
    rows = {**report.languages, "**all**": report.total}
    for name, figures in rows.items():
        shares = " | ".join(_percent(getattr(figures, field).value) for field, _ in _COLUMNS)
        lines.append(f"| {name} | {figures.intent.of} | {shares} | {figures.indicators.f1:.2f} |")
    means = " | ".join(_percent(report.mean(field)) for field, _ in _COLUMNS)
    lines.append(f"| mean of languages | | {means} | |")
    return lines


def _labels(report: Report) -> list[str]:
    lines = ["| label | there | found | wrong | F1 |", "|---|---|---|---|---|"]
    for label, counts in sorted(report.labels.items(), key=lambda item: item[1].f1):
        lines.append(
            f"| {label} | {counts.found + counts.missed} | {counts.found} | {counts.wrong} | {counts.f1:.2f} |"
        )
    return [*lines, ""]


def _confused(report: Report) -> list[str]:
    lines = ["| should be | was taken for | messages |", "|---|---|---|"]
    lines += [f"| {true} | {said} | {count} |" for (true, said), count in report.confusions.most_common(_CONFUSIONS)]
    return [*lines, ""]


def _reliable(report: Report) -> list[str]:
    lines = ["| said to be sure | were right | messages |", "|---|---|---|"]
    lines += [f"| {said:.2f} | {right:.2f} | {count} |" for said, right, count in report.reliability]
    return [*lines, ""]


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"


def _draw(report: Report, path: Path) -> None:
    import matplotlib as mpl

    mpl.use("svg")
    mpl.rcParams["svg.hashsalt"] = "lantern"  # the same figures give the same file
    from matplotlib import pyplot as plt

    shown: list[tuple[str, Figures]] = sorted(report.languages.items(), key=lambda item: item[1].intent.value)
    figure, axes = plt.subplots(figsize=(8, 0.28 * len(shown) + 1.2), layout="constrained")
    places = range(len(shown))
    drawn: dict[str, tuple[str, list[float]]] = {
        "intent": ("o", [figures.intent.value for _, figures in shown]),
        "indicators F1": ("s", [figures.indicators.f1 for _, figures in shown]),
        "urgent: marked or asked": ("^", [figures.urgent_or_asked.value for _, figures in shown]),
    }
    for name, (mark, values) in drawn.items():
        axes.plot(values, places, mark, label=name, alpha=0.8)
    axes.set_yticks(list(places), [language for language, _ in shown])
    axes.set_xlim(0, 1.02)
    axes.grid(visible=True, alpha=0.3)
    axes.legend(loc="lower left", fontsize=8)
    figure.savefig(path, metadata={"Date": None})
    plt.close(figure)
