"""nginx for real in front of two web processes: TLS, limits, what is closed, and a restart that loses no webhook."""

from __future__ import annotations

import http.client
import os
import shutil
import ssl
import subprocess
import threading
import time
import urllib.parse
import warnings
from pathlib import Path

import pytest
from twilio.request_validator import RequestValidator

from tests.integration.place import Place, free_port, until
from tests.integration.providers import ACCOUNT

CONF = Path(__file__).parents[2] / "deploy" / "nginx" / "lantern.conf"
NGINX = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
TOKEN, NUMBER, HOST = "twilio-token", "+15005550006", "localhost"
pytestmark = [pytest.mark.long, pytest.mark.skipif(NGINX is None, reason="needs nginx (Debian: nginx-light)")]


class Proxied:
    """Two web processes on one database behind nginx with a certificate of its own."""

    def __init__(self, folder: Path) -> None:
        self.https, self.http, self.ports = free_port(), free_port(), (free_port(), free_port())
        self.place = Place(
            folder / "place",
            LANTERN_PUBLIC_URL=f"https://{HOST}:{self.https}",
            LANTERN_TWILIO_ACCOUNT_SID=ACCOUNT,
            LANTERN_TWILIO_AUTH_TOKEN=TOKEN,
            LANTERN_TWILIO_FROM=NUMBER,
        )
        self._folder, self._asked = folder, 0
        self.stored: list[str] = []
        self._nginx: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self.place.migrate()
        for port in self.ports:
            self.start_web(port)
        self._certificate()
        conf = self._folder / "nginx.conf"
        conf.write_text(self._conf())
        self._nginx = subprocess.Popen(
            [str(NGINX), "-c", str(conf), "-p", str(self._folder), "-e", str(self._folder / "errors")]
        )
        for port in self.ports:
            until(lambda port=port: self.status(port, "/livez") == 200, 120, "a web process", every_s=0.3)

    def start_web(self, port: int) -> None:
        self.place.environ["LANTERN_PORT"] = str(port)
        self.place.running[f"web-{port}"] = self.place.start("web")

    def stop_web(self, port: int) -> None:
        self.place.ends(f"web-{port}")

    def status(self, port: int, path: str) -> int | None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        try:
            connection.request("GET", path)
            return connection.getresponse().status
        except OSError:
            return None
        finally:
            connection.close()

    def ask(
        self, path: str, body: str | None = None, headers: dict[str, str] | None = None, **tls: object
    ) -> tuple[int, http.client.HTTPMessage]:
        context = ssl.create_default_context(cafile=str(self._folder / "cert.pem"))
        for name, value in tls.items():
            setattr(context, name, value)
        connection = http.client.HTTPSConnection(HOST, self.https, context=context, timeout=30)
        try:
            connection.request("GET" if body is None else "POST", path, body=body, headers=headers or {})
            answer = connection.getresponse()
            answer.read()
            return answer.status, answer.headers
        finally:
            connection.close()

    def sms(self) -> int:
        self._asked += 1
        sid = f"SM{self._asked:032x}"
        fields = {
            "MessageSid": sid,
            "AccountSid": ACCOUNT,
            "From": f"+1500{self._asked:07}",
            "To": NUMBER,
            "Body": "hello",
            "NumMedia": "0",
        }
        url = f"https://{HOST}:{self.https}/channels/sms"
        signature = RequestValidator(TOKEN).compute_signature(url, fields)
        headers = {"X-Twilio-Signature": signature, "Content-Type": "application/x-www-form-urlencoded"}
        status, _ = self.ask("/channels/sms", urllib.parse.urlencode(fields), headers)
        if status == 200:
            self.stored.append(sid)
        return status

    def close(self) -> None:
        if self._nginx is not None:
            self._nginx.terminate()
            self._nginx.wait(10)
        self.place.close()

    def _certificate(self) -> None:
        command = [
            "openssl",
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:prime256v1",
            "-nodes",
            "-days",
            "2",
        ]
        command += [
            "-keyout",
            "key.pem",
            "-out",
            "cert.pem",
            "-subj",
            f"/CN={HOST}",
            "-addext",
            f"subjectAltName=DNS:{HOST}",
        ]
        subprocess.run(command, cwd=self._folder, check=True, capture_output=True)

    def _conf(self) -> str:
        """The example as it is delivered, with this machine's ports and files."""
        text = CONF.read_text()
        changes = {
            "127.0.0.1:8080": f"127.0.0.1:{self.ports[0]}",
            "127.0.0.1:8081": f"127.0.0.1:{self.ports[1]}",
            "line.example.org;": f"{HOST};",
            "listen 80;": f"listen 127.0.0.1:{self.http};",
            "listen 443 ssl http2;": f"listen 127.0.0.1:{self.https} ssl http2;",
            "listen [::]:80;": "",
            "listen [::]:443 ssl http2;": "",
            "proxy_set_header Host $host;": "proxy_set_header Host $http_host;",  # the port is not 443 here
            "/etc/letsencrypt/live/line.example.org/fullchain.pem": str(self._folder / "cert.pem"),
            "/etc/letsencrypt/live/line.example.org/privkey.pem": str(self._folder / "key.pem"),
            "/var/log/nginx/": f"{self._folder}/",
        }
        for before, after in changes.items():
            assert before in text, before
            text = text.replace(before, after)
        paths = "".join(
            f"{name}_temp_path {self._folder}/{name};" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        return f"daemon off; pid {self._folder}/pid; worker_processes 1; events {{}} http {{ {paths}\n{text}\n}}"


@pytest.fixture(scope="module")
def proxied(tmp_path_factory):
    found = Proxied(tmp_path_factory.mktemp("nginx"))
    try:
        found.start()
        yield found
    finally:
        found.close()


def stored(proxied):
    import sqlite3

    with sqlite3.connect(f"file:{proxied.place.database_name}?mode=ro", uri=True) as connection:
        return {row[0] for row in connection.execute("SELECT provider_id FROM records_inboxmessage")}


def test_what_providers_and_staff_need_comes_through_and_nothing_else(proxied):
    assert proxied.sms() == 200
    status, headers = proxied.ask("/desk/sign-in/")
    assert (status, headers["Strict-Transport-Security"].partition(";")[0]) == (200, "max-age=63072000")
    assert headers["Server"] == "nginx"
    assert [proxied.ask(path)[0] for path in ("/metrics", "/healthz", "/readyz", "/livez", "/try/")] == [404] * 5
    assert proxied.ask("/metrics", headers={"Host": "127.0.0.1"})[0] == 404
    assert proxied.status(proxied.http, "/desk/") == 301
    assert proxied.status(proxied.ports[0], "/metrics") == 200, "on the machine itself they are open"


def test_a_body_that_is_too_large_and_an_old_tls_are_refused(proxied):
    assert proxied.ask("/channels/sms", "x" * 300_000)[0] == 413
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Python says itself that it is old
        old = {"maximum_version": ssl.TLSVersion.TLSv1_1, "minimum_version": ssl.TLSVersion.TLSv1}
        with pytest.raises(OSError):
            proxied.ask("/desk/sign-in/", **old)


def test_one_web_process_after_the_other_is_restarted_and_every_webhook_is_stored(proxied):
    answers, going = [], threading.Event()
    going.set()

    def posts():
        while going.is_set():
            answers.append(proxied.sms())

    poster = threading.Thread(target=posts)
    poster.start()
    try:
        for port in proxied.ports:
            proxied.stop_web(port)
            time.sleep(1)  # the provider goes on meanwhile
            proxied.start_web(port)
            until(lambda port=port: proxied.status(port, "/readyz") in (200, 503), 120, "a web process", every_s=0.2)
    finally:
        going.clear()
        poster.join()

    assert len(answers) > 20
    assert set(answers) == {200}
    assert stored(proxied) == set(proxied.stored)


def test_a_storm_at_the_sign_in_is_slowed_and_no_path_is_logged(proxied):
    found = [
        proxied.ask("/desk/sign-in/", "username=x&password=y", {"Content-Type": "application/x-www-form-urlencoded"})[0]
        for _ in range(30)
    ]

    assert found.count(429) > 10
    logged = (proxied._folder / "lantern.log").read_text()
    assert " 429 " in logged
    assert not any(told in logged for told in ("/desk", "127.0.0.1", "username"))
