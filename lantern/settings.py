"""Django settings, derived from `lantern.config.Settings`; nothing here is set by hand on an installation."""

from __future__ import annotations

import hashlib
from typing import Any
from urllib.parse import unquote, urlsplit

from lantern.config import Settings
from lantern.master_key import master_key

LANTERN = Settings.from_env()
LANTERN_MASTER_KEY = master_key(LANTERN)

SECRET_KEY = hashlib.sha256(b"django" + LANTERN_MASTER_KEY).hexdigest()
DEBUG = False
_public_host = urlsplit(LANTERN.public_url).hostname if LANTERN.public_url else None
ALLOWED_HOSTS = ["127.0.0.1", "localhost", "[::1]", *([_public_host] if _public_host else [])]
ROOT_URLCONF = "lantern.urls"
ASGI_APPLICATION = "lantern.asgi.application"
AUTH_USER_MODEL = "records.Staff"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
TIME_ZONE = "UTC"
USE_TZ = True
LANGUAGE_CODE = "en"
USE_I18N = True

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django_htmx",
    "csp",
    "records",
    "desk",
    "lantern",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]


def _database() -> dict[str, Any]:
    if LANTERN.database_url:
        parts = urlsplit(LANTERN.database_url)
        return {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": parts.path.lstrip("/"),
            "USER": unquote(parts.username or ""),
            "PASSWORD": unquote(parts.password or ""),
            "HOST": parts.hostname or dict(p.split("=", 1) for p in parts.query.split("&") if "=" in p).get("host", ""),
            "PORT": str(parts.port or ""),
            "CONN_MAX_AGE": 60,
        }
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": LANTERN.data / "lantern.sqlite3",
        "CONN_MAX_AGE": None,
        "OPTIONS": {
            "timeout": 20,
            "transaction_mode": "IMMEDIATE",
            "init_command": (
                "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA secure_delete=ON; PRAGMA foreign_keys=ON;"
            ),
        },
        # A file, as in service: Django's usual test database in memory has no log and no locks.
        "TEST": {"NAME": LANTERN.data / "test.sqlite3"},
    }


DATABASES = {"default": _database()}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
LOGIN_URL = "/desk/sign-in/"
LOGIN_REDIRECT_URL = "/desk/"
LOGOUT_REDIRECT_URL = "/desk/sign-in/"

STATIC_URL = "/static/"
STATICFILES_DIRS: list[str] = []
WHITENOISE_USE_FINDERS = True
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}

_https = bool(LANTERN.public_url and LANTERN.public_url.startswith("https"))
SESSION_COOKIE_NAME = "__Host-desk" if _https else "desk"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _https
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Strict"
SESSION_COOKIE_AGE = 12 * 3600  # one long shift
CSRF_TRUSTED_ORIGINS = [LANTERN.public_url] if LANTERN.public_url else []
X_FRAME_OPTIONS = "SAMEORIGIN" if LANTERN.demo else "DENY"  # the try-out page shows the desk beside the phones
SECURE_REFERRER_POLICY = "same-origin"  # under "no-referrer" browsers post forms with Origin null, which CSRF refuses
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if _https else None
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'"],
        "connect-src": ["'self'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "frame-src": ["'self'"] if LANTERN.demo else ["'none'"],
        "frame-ancestors": ["'self'"] if LANTERN.demo else ["'none'"],
    }
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 256 * 1024  # a message of 10,000 characters in four-byte script, form-encoded, fits

# Django's own loggers would print request paths and tracebacks with locals; ours carry ids only (lantern/logs.py).
LOGGING_CONFIG = None
