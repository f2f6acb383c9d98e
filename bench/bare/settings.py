"""Django with nothing around it, on the same database server and under the same web server."""

from chappe.settings import *  # noqa: F403

INSTALLED_APPS = ["bench.bare"]
MIDDLEWARE: list[str] = []
ROOT_URLCONF = "bench.bare.urls"
AUTH_USER_MODEL = "auth.User"
