"""Django settings, derived from `lantern.config.Settings`; nothing here is set by hand on an installation."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import Any
from urllib.parse import unquote, urlsplit

from lantern.config import Settings
from lantern.master_key import master_keys

LANTERN = Settings.from_env()
LANTERN_MASTER_KEY, *LANTERN_OTHER_MASTER_KEYS = master_keys(LANTERN)

# A change of the master key leaves nobody signed out: what was signed under the other one is still believed.
SECRET_KEY, *SECRET_KEY_FALLBACKS = [
    hashlib.sha256(b"django" + key).hexdigest() for key in (LANTERN_MASTER_KEY, *LANTERN_OTHER_MASTER_KEYS)
]
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
# Languages of the desk itself, not of contacts. Catalogues stand in desk/locale as .po; `desk.apps` compiles them at
# start into the data folder, so that no compiled file lies in git and no gettext tools are needed.
LANGUAGES = [("en", "English"), ("es", "Español"), ("id", "Bahasa Indonesia"), ("th", "ไทย"), ("vi", "Tiếng Việt")]
LOCALE_PATHS = [LANTERN.data / "desk-words"]

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django_htmx",
    "django_otp",
    "django_otp.plugins.otp_totp",  # its model is imported: PostgreSQL needs its migrations, in their order
    "django_otp_webauthn",
    "axes",
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
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_otp.middleware.OTPMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "desk.directions.unturned_pages",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "builtins": ["desk.templatetags.forms"],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "desk.frame.frame",
            ],
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
            "CONN_HEALTH_CHECKS": True,  # a thread that stays would answer once with an error after each restart of it
            # A network that is cut says nothing: without these a process waits for hours on a dead connection.
            "OPTIONS": {
                "connect_timeout": 5,
                "keepalives_idle": 5,
                "keepalives_interval": 2,
                "keepalives_count": 3,
                "tcp_user_timeout": 10_000,
            },
        }
    return {
        "ENGINE": "records.sqlite",
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
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("username", "alias")},
    },
    {"NAME": "desk.passwords.NotCommon"},
    {"NAME": "desk.passwords.NotOfTheLine"},
    {"NAME": "desk.passwords.NotWellKnown"},
    {"NAME": "desk.passwords.NotBreached"},
    {"NAME": "desk.passwords.NotTheSameAgain"},
]
# The first two refuse before anything is hashed (desk/slow_down.py says what each counts).
AUTHENTICATION_BACKENDS = [
    "desk.slow_down.Budgets",
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"},
    # Counts of failed sign-ins: in memory, so that a storm of guesses writes nothing to the database.
    "sign-in": {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "LOCATION": "sign-in",
        "OPTIONS": {"MAX_ENTRIES": 200_000},
    },
}
AXES_HANDLER = "axes.handlers.cache.AxesCacheHandler"
AXES_CACHE = "sign-in"
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False  # else whoever goes on guessing keeps the door shut for ever
AXES_CLIENT_IP_CALLABLE = "desk.slow_down.address_of"
AXES_USERNAME_CALLABLE = "desk.slow_down.username_of"
AXES_CLIENT_STR_CALLABLE = "desk.slow_down.nameless"  # no name and no address in a log
AXES_DISABLE_ACCESS_LOG = True
AXES_VERBOSE = False
# Counts live in the one web process (several would each count for themselves), and the sign-in page says itself
# that too much was tried.
SILENCED_SYSTEM_CHECKS = ["axes.W001", "axes.W002"]

OTP_TOTP_ISSUER = "Lantern"
OTP_WEBAUTHN_RP_NAME = "Lantern"
OTP_WEBAUTHN_RP_ID = _public_host or "localhost"
# A browser gives a passkey to https only, and to localhost.
_secure_url = LANTERN.public_url if LANTERN.public_url and LANTERN.public_url.startswith("https://") else None
OTP_WEBAUTHN_ALLOWED_ORIGINS = [_secure_url or f"http://localhost:{LANTERN.port}"]
OTP_WEBAUTHN_ALLOW_PASSWORDLESS_LOGIN = False  # the password opens the key of what is closed
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
SESSION_ENGINE = "desk.session_store"
SESSION_COOKIE_NAME = "__Host-desk" if _https else "desk"
CSRF_COOKIE_NAME = "__Host-form" if _https else "form"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _https
SECURE_HSTS_SECONDS = 2 * 365 * 24 * 3600 if _https else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = True  # a host of its own, below which nothing else lives (docs/trust/deployment.md)
SECURE_HSTS_PRELOAD = False  # an operator's own decision: it binds the whole domain
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Strict"
SESSION_COOKIE_AGE = 12 * 3600  # one long shift
CSRF_TRUSTED_ORIGINS = [LANTERN.public_url] if LANTERN.public_url else []
CSRF_FAILURE_VIEW = "desk.held.csrf_failure"
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
        "object-src": ["'none'"],
        "frame-src": ["'self'"] if LANTERN.demo else ["'none'"],
        "frame-ancestors": ["'self'"] if LANTERN.demo else ["'none'"],
    }
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 256 * 1024  # a message of 10,000 characters in four-byte script, form-encoded, fits

# Django's own loggers would print request paths and tracebacks with locals; ours carry ids only (lantern/logs.py).
LOGGING_CONFIG = None

# Alerts to people on call. Without a server there is no mail; the ladder has other rungs.
_mail = urlsplit(str(LANTERN.mail_server)) if LANTERN.mail_server else None
EMAIL_HOST = (_mail.hostname or "") if _mail else ""
EMAIL_PORT = (_mail.port or (465 if _mail.scheme == "smtps" else 587)) if _mail else 0
EMAIL_HOST_USER = unquote(_mail.username or "") if _mail else ""
EMAIL_HOST_PASSWORD = unquote(_mail.password or "") if _mail else ""
EMAIL_USE_SSL = bool(_mail and _mail.scheme == "smtps")
EMAIL_USE_TLS = bool(_mail and _mail.scheme == "smtp" and EMAIL_HOST not in ("127.0.0.1", "localhost"))
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = LANTERN.mail_from or "desk@localhost"
