"""One settings file, read from the environment. Every knob is named in `.env.example`."""

import base64
from pathlib import Path

from django.utils.translation import gettext_lazy as _

from chappe import env

env.load_home_files()

ROOT = Path(__file__).resolve().parents[2]
HOME = env.home()

# Where we are ----------------------------------------------------------------------------------
DEBUG = env.env_bool("CHAPPE_DEBUG", False)
SECRET_KEY = env.env_str("CHAPPE_SECRET_KEY")
# Public address of the admin and the landing pages, without a slash at the end.
BASE_URL = env.env_str("CHAPPE_BASE_URL", "http://127.0.0.1:8000")
# Scheme and port that short links carry in texts: production is https without a port.
SHORT_LINK_SCHEME = env.env_str("CHAPPE_SHORT_LINK_SCHEME", "https")
ALLOWED_HOSTS = env.env_list("CHAPPE_ALLOWED_HOSTS", "127.0.0.1,localhost")
CSRF_TRUSTED_ORIGINS = [BASE_URL]
# Demo data and demo log-in exist only where this is on; production leaves it off.
IS_DEMO = env.env_bool("CHAPPE_DEMO", False)
DEMO_EMAIL, DEMO_PASSWORD = "demo@chappe.example", "chappe-demo-2026"
# Real sending is a deliberate act: the id of this installation (`manage.py live_id`), or nothing.
LIVE_INSTALLATION = env.env_str("CHAPPE_LIVE", "")

# Keys (see accounts/keys.py): "id:base64,id:base64", the first one seals, all of them open.
SEAL_KEYS = env.env_list("CHAPPE_SEAL_KEYS")
INDEX_KEY = base64.b64decode(env.env_str("CHAPPE_INDEX_KEY", ""))
# Never rotated, never dropped: an opt-out must be found again for as long as we live.
OPT_OUT_KEYS = env.env_list("CHAPPE_OPT_OUT_KEYS")
# Signs the heads of the consent ledgers and the proof files (Ed25519); `manage.py proof_key` prints its public half.
PROOF_KEY = base64.b64decode(env.env_str("CHAPPE_PROOF_KEY", ""))

# Rooms, from left to right of the map in docs/architecture.md -------------------------------------
INSTALLED_APPS = [
    "chappe",
    "reports",
    "campaigns",
    "landing",
    "messaging",
    "integrations",
    "shortlinks",
    "audience",
    "accounts",
    "wagtail.users",
    "wagtail.sites",
    "wagtail.contrib.settings",
    "wagtail.embeds",
    "wagtail.documents",
    "wagtail.images",
    "wagtail.snippets",
    "wagtail.search",
    "wagtail.admin",
    "wagtail",
    "modelcluster",
    "taggit",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
]

MIDDLEWARE = [
    "chappe.middleware.ProxyMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "chappe.middleware.MachineDoorMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "chappe.middleware.ContentSecurityPolicyMiddleware",
    "landing.middleware.VisitorPages",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "accounts.middleware.WorkspaceMiddleware",
    "accounts.firewall.TenantFirewallMiddleware",
]

ROOT_URLCONF = "chappe.urls"
WSGI_APPLICATION = "chappe.wsgi.application"
AUTH_USER_MODEL = "accounts.User"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [ROOT / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

# Engines: SQLite and a folder by default, PostgreSQL and Redis by two variables -----------------
DATABASES = {"default": env.database_from_url(env.env_str("DATABASE_URL", f"sqlite:///{HOME / 'chappe.sqlite3'}"))}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # A file, so that tests can start real worker processes on it.
    DATABASES["default"]["TEST"] = {"NAME": str(HOME / "test.sqlite3")}
REDIS_URL = env.env_str("REDIS_URL", "")
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}
    if REDIS_URL
    else {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "OPTIONS": {"MAX_ENTRIES": 3_000}}
}
SESSION_ENGINE = "django.contrib.sessions.backends.db"

# The click journal of the redirect: a persistent volume, one per machine.
JOURNAL_DIR = Path(env.env_str("CHAPPE_JOURNAL_DIR", str(HOME / "journal")))
# Who reads figures at /_health and /_metrics of the redirect: callers from these networks, and holders of the token.
METRICS_NETWORKS = env.env_networks("CHAPPE_METRICS_NETWORKS", "127.0.0.0/8,::1")
METRICS_TOKEN = env.env_str("CHAPPE_METRICS_TOKEN", "")
# Codes die this long after their range was reserved: 13 months.
SHORT_CODE_DAYS = env.env_int("CHAPPE_SHORT_CODE_DAYS", 396)
# The simulated operator keeps its own books, out of our database's sight.
SIMULATOR_PATH = Path(env.env_str("CHAPPE_SIMULATOR_PATH", str(HOME / "simulator.sqlite3")))
# The longest an ordinary simulated phone takes to report; 0 waits for nothing.
SIMULATOR_SECONDS = env.env_int("CHAPPE_SIMULATOR_SECONDS", 8)

# Private networks that an address somebody types (a generic gateway's) may lead into: none.
PRIVATE_NETWORKS = env.env_networks("CHAPPE_PRIVATE_NETWORKS")

# Registries: to add one is a file, a test and a line here ----------------------------------------
GATEWAYS = [
    "integrations.gateways.simulator.SimulatorGateway",
    "integrations.gateways.ovh.OvhGateway",
    "integrations.gateways.brevo.BrevoGateway",
    "integrations.gateways.generic_http.GenericHttpGateway",
]
SHOPS = ["integrations.shops.prestashop.PrestaShop", "integrations.shops.shopify.Shopify"]
LANDING_BLOCKS = [
    "hero", "text", "points", "facts", "lines", "steps", "faq", "terms", "energy",
    "offer", "promo_code", "countdown", "products", "testimonials", "call_to_action",
    "choices", "hours", "directions", "event", "form",
    "image", "gallery", "video",
    "social", "divider", "reusable", "only_for",
]  # fmt: skip
TRIGGERS = [
    "order_placed",
    "order_paid",
    "order_shipped",
    "order_out_for_delivery",
    "order_ready",
    "order_delivered",
    "order_delayed",
    "order_cancelled",
    "order_refunded",
    "reminder",
    "signed_call",
    "one_time_code",
    "form_sent",
]

# Marketing messages that one person gets in seven days, at most.
MARKETING_WEEKLY_CAP = env.env_int("CHAPPE_MARKETING_WEEKLY_CAP", 7)

# Words, places, times ----------------------------------------------------------------------------
LANGUAGE_CODE = "fr"
LANGUAGES = WAGTAILADMIN_PERMITTED_LANGUAGES = WAGTAIL_CONTENT_LANGUAGES = [("fr", _("French")), ("en", _("English"))]
LOCALE_PATHS = [ROOT / "locale"]
TIME_ZONE = "Europe/Paris"
USE_TZ = True
USE_THOUSAND_SEPARATOR = True
FORMAT_MODULE_PATH = ["chappe.formats"]

STATIC_URL = "/static/"
STATIC_ROOT = HOME / "static"
STATICFILES_DIRS = [ROOT / "static"]
# Names that change with the content; the demo starts sooner without compressed copies.
STATIC_STORAGE = (
    "django.contrib.staticfiles.storage.StaticFilesStorage"
    if DEBUG
    else "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"
    if IS_DEMO
    else "whitenoise.storage.CompressedManifestStaticFilesStorage"
)
STORAGES = {
    "default": {"BACKEND": "accounts.storage.UnguessableStorage"},
    "staticfiles": {"BACKEND": STATIC_STORAGE},
}
MEDIA_ROOT = HOME / "media"
MEDIA_URL = "/media/"

# Wagtail: nothing leaves this host --------------------------------------------------------------
WAGTAIL_SITE_NAME = "Chappe"
WAGTAILADMIN_BASE_URL = BASE_URL
WAGTAIL_GRAVATAR_PROVIDER_URL = None
WAGTAIL_ENABLE_UPDATE_CHECK = False
WAGTAIL_ENABLE_WHATS_NEW_BANNER = False
WAGTAIL_PASSWORD_RESET_ENABLED = True
WAGTAILSEARCH_BACKENDS = {"default": {"BACKEND": "wagtail.search.backends.database"}}
WAGTAIL_WORKFLOW_ENABLED = False
# An address that somebody types stays an address: looking it up among all pages would name those of others.
WAGTAILADMIN_EXTERNAL_LINK_CONVERSION = ""
# Wagtail's own 80 weighs more than the WebP beside it (`python -m bench.pictures`, docs/landing.md).
WAGTAILIMAGES_AVIF_QUALITY = 50
# Read from the head of the file: what is larger is refused before it fills the memory.
WAGTAILIMAGES_MAX_IMAGE_PIXELS = 50_000_000
WAGTAILIMAGES_IMAGE_FORM_BASE = "accounts.files.UntaggedImageForm"
WAGTAILDOCS_DOCUMENT_FORM_BASE = "accounts.files.UntaggedDocumentForm"

# Doors -------------------------------------------------------------------------------------------
LOGIN_URL = "wagtailadmin_login"
WAGTAILADMIN_USER_LOGIN_FORM = "accounts.forms.SignInForm"
AUTHENTICATION_BACKENDS = ["accounts.brake.BrakeBackend", "accounts.demo.DemoEndsBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
IS_HTTPS = BASE_URL.startswith("https://")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = IS_HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if IS_HTTPS else 0
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "SAMEORIGIN"
# Front servers whose X-Forwarded-For and X-Forwarded-Proto are believed; nobody else's are.
TRUSTED_PROXIES = env.env_networks("CHAPPE_TRUSTED_PROXIES")
if TRUSTED_PROXIES:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
# Invitations and forgotten passwords; without a mail server, letters are printed to the log.
EMAIL_HOST = env.env_str("CHAPPE_SMTP_HOST", "")
EMAIL_BACKEND = f"django.core.mail.backends.{'smtp' if EMAIL_HOST else 'console'}.EmailBackend"
EMAIL_PORT = env.env_int("CHAPPE_SMTP_PORT", 587)
EMAIL_HOST_USER = env.env_str("CHAPPE_SMTP_USER", "")
EMAIL_HOST_PASSWORD = env.env_str("CHAPPE_SMTP_PASSWORD", "")
EMAIL_USE_TLS = env.env_bool("CHAPPE_SMTP_TLS", True)
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env.env_str("CHAPPE_MAIL_FROM", "chappe@localhost")
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
# An import asks about each column, and a file has up to a thousand.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2_000
# Files of contacts are sealed as they come in; all others go Django's own way.
FILE_UPLOAD_HANDLERS = [
    "audience.uploads.SealedUploadHandler",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]

# Celery wakes; the database is the queue of record (docs/architecture.md) -------------------------
CELERY_BROKER_URL = env.env_str("CELERY_BROKER_URL", REDIS_URL or "filesystem://")
CELERY_TASK_IGNORE_RESULT = True
# A task that waits in one worker while another has nothing to do may be a STOP.
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_SERIALIZER = "json"
CELERY_TIMEZONE = "UTC"
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BEAT_SCHEDULE_FILENAME = str(HOME / "beat-schedule")
if CELERY_BROKER_URL.startswith("filesystem"):
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "data_folder_in": str(HOME / "queue"),
        "data_folder_out": str(HOME / "queue"),
        "control_folder": str(HOME / "queue-control"),
        "polling_interval": 0.1,
    }

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"()": "accounts.logs.MaskingFormatter", "format": "%(asctime)s %(levelname)s %(name)s %(message)s"}
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": env.env_str("CHAPPE_LOG_LEVEL", "INFO")},
    "loggers": {
        "django.request": {"level": "ERROR"},
        **{name: {"level": "WARNING"} for name in ("httpx", "httpcore", "django_tasks", "wagtail")},
    },
}
