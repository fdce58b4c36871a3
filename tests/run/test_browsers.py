"""What other sites may make a browser do here: open a link, and nothing else."""

from __future__ import annotations

import pytest

from lantern.browsers import guarded

PAGE = {"sec-fetch-mode": "navigate", "sec-fetch-dest": "document"}


async def answers(method="GET", path="/desk/", **headers):
    async def app(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": [(b"x-frame-options", b"DENY")]})
        await send({"type": "http.response.body", "body": b"page"})

    sent = []

    async def send(message):
        sent.append(message)

    raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    await guarded(app)({"type": "http", "method": method, "path": path, "headers": raw}, None, send)
    return sent[0]["status"], dict(sent[0]["headers"])


@pytest.mark.parametrize(
    ("method", "site", "mode", "dest", "status"),
    [
        ("GET", "same-origin", "cors", "empty", 200),
        ("POST", "same-origin", "navigate", "document", 200),
        ("GET", "none", "navigate", "document", 200),
        ("GET", "cross-site", "navigate", "document", 200),  # a plain link
        ("POST", "cross-site", "navigate", "document", 403),
        ("GET", "cross-site", "no-cors", "image", 403),
        ("GET", "cross-site", "cors", "empty", 403),
        ("GET", "cross-site", "navigate", "iframe", 403),
        ("GET", "same-site", "cors", "empty", 403),  # a neighbour under the same domain is another site
    ],
)
async def test_fetch_metadata(method, site, mode, dest, status):
    found, _ = await answers(method, sec_fetch_site=site, sec_fetch_mode=mode, sec_fetch_dest=dest)

    assert found == status


async def test_machines_that_send_no_fetch_metadata_are_let_through():
    assert (await answers("POST", "/channels/sms"))[0] == 200


async def test_every_answer_carries_the_headers():
    _, headers = await answers()

    assert headers[b"cross-origin-opener-policy"] == b"same-origin"
    assert b"camera=()" in headers[b"permissions-policy"]
    assert headers[b"x-frame-options"] == b"DENY"


@pytest.mark.parametrize(
    ("path", "headers", "body", "status"),
    [("/desk/", {"sec-fetch-site": "cross-site"}, b"", 403), ("/channels/sms", {}, b"x" * 300_000, 413)],
)
async def test_the_application_itself_stands_behind_these_rules(path, headers, body, status):
    from lantern.asgi import application

    sent = []

    async def receive():
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message):
        sent.append(message)

    raw = [(name.encode(), value.encode()) for name, value in headers.items()]
    await application({"type": "http", "method": "POST", "path": path, "headers": raw}, receive, send)

    told = dict(sent[0]["headers"])
    assert sent[0]["status"] == status
    assert told[b"x-content-type-options"] == b"nosniff"
    assert b"frame-ancestors 'none'" in told[b"content-security-policy"]


def test_on_a_real_line_cookies_are_bound_to_the_host_and_https_is_kept():
    import json
    import os
    import subprocess
    import sys

    code = (
        "import json, lantern.settings as s; print(json.dumps([s.SESSION_COOKIE_NAME, s.CSRF_COOKIE_NAME,"
        "s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE, s.SESSION_COOKIE_HTTPONLY, s.SESSION_COOKIE_SAMESITE,"
        "s.SECURE_HSTS_SECONDS, s.X_FRAME_OPTIONS, s.CONTENT_SECURITY_POLICY['DIRECTIVES'], s.ALLOWED_HOSTS]))"
    )
    environ = {**os.environ, "LANTERN_PUBLIC_URL": "https://line.example.org", "LANTERN_TELEGRAM_TOKEN": "1:x"}
    done = subprocess.run([sys.executable, "-c", code], env=environ, capture_output=True, text=True, check=True)
    session, form, secure, form_secure, http_only, same_site, hsts, frames, csp, hosts = json.loads(done.stdout)

    assert (session, form) == ("__Host-desk", "__Host-form")
    assert (secure, form_secure, http_only, same_site) == (True, True, True, "Strict")
    assert (hsts, frames) == (63072000, "DENY")
    assert csp["default-src"] == csp["frame-ancestors"] == csp["base-uri"] == csp["object-src"] == ["'none'"]
    assert csp["script-src"] == csp["style-src"] == ["'self'"]
    assert "line.example.org" in hosts
    assert "*" not in hosts


def test_no_core_dump_is_left(tmp_path):
    import subprocess
    import sys

    code = (
        "from lantern.lifetime import leave_no_core; leave_no_core(); import resource;"
        "print(resource.getrlimit(resource.RLIMIT_CORE), int(open('/proc/self/coredump_filter').read(), 16))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "(0, 0) 0"
