"""A page whose own errors are kept, for every test that opens one."""


def watched(page):
    """The page, with the errors of its scripts in `page.problems`.

    A live look that an act of the worker overtakes is broken off, which htmx writes as an error of its own.
    """
    overtaken = ("htmx:sendAbort", "htmx:afterRequest")
    page.problems = []
    page.on("pageerror", lambda error: page.problems.append(str(error)))
    page.on(
        "console",
        lambda line: (
            page.problems.append(line.text) if line.type == "error" and not line.text.startswith(overtaken) else None
        ),
    )
    return page
