"""Quiet: what libraries say of their own old age is not shown to somebody who runs a command, and cannot mend it.

Rasa 3.6 and what it pins are past their last release. Filters would not do: one of them puts its own before ours when
it is imported. What our own code is warned of is shown, and who asks for warnings (`python -W`) gets all.
"""

from __future__ import annotations

import sys
import warnings
from typing import TextIO

_OLD = ("Slot auto-fill has been removed",)  # said of every domain, whatever stands in it


def quiet_libraries() -> None:
    """Leave out what libraries are warned of, from now on in this process."""
    if sys.warnoptions:
        return
    show = warnings.showwarning

    def ours(
        message: Warning | str,
        category: type[Warning],
        filename: str,
        lineno: int,
        file: TextIO | None = None,
        line: str | None = None,
    ) -> None:
        if not of_a_library(str(message), category, filename):
            show(message, category, filename, lineno, file, line)

    warnings.showwarning = ours


def of_a_library(message: str, category: type[Warning], filename: str) -> bool:
    """True for a deprecation inside what is installed, and for the few other words that nobody can mend."""
    installed = "site-packages" in filename or filename.startswith("<frozen")
    old = issubclass(category, (DeprecationWarning, PendingDeprecationWarning)) or message.startswith(_OLD)
    return installed and old
