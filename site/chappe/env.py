"""Settings come from the environment, and nowhere else.

`CHAPPE_HOME` (a folder, default `./var`) holds what must survive a restart. Files in it with lines
`NAME=value` fill in variables that the environment does not set: `env`, which `dev.py run` writes with
fresh keys on first start, and `running`, which says while the product runs at which addresses it does.
"""

import os
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit


class MissingSetting(Exception):
    """A variable that has no safe default is not set."""


def home() -> Path:
    return Path(os.environ.get("CHAPPE_HOME") or "var").resolve()


def load_home_files() -> None:
    """Fill the environment from the home's files; what is already set wins."""
    for path in (home() / "env", running_file()):
        if path.is_file():
            _load(path.read_text(encoding="utf-8"))


def running_file() -> Path:
    """The file of the supervisor that is alive; one left behind by a dead supervisor is removed."""
    path = home() / "running"
    if path.is_file() and not _is_alive(path.read_text(encoding="utf-8")):
        path.unlink(missing_ok=True)
    return path


def _is_alive(text: str) -> bool:
    try:
        os.kill(int(text.partition("\n")[0].removeprefix("# process ")), 0)
    except (OSError, ValueError):
        return False
    return True


def _load(text: str) -> None:
    for line in text.splitlines():
        name, separator, value = line.partition("=")
        if separator and not line.lstrip().startswith("#"):
            os.environ.setdefault(name.strip(), value.strip())


def env_str(name: str, default: str | None = None) -> str:
    """The variable, or the content of the file that `NAME_FILE` points at, or the default."""
    if file_name := os.environ.get(f"{name}_FILE"):
        return Path(file_name).read_text(encoding="utf-8").strip()
    # Empty is the same as not set: `DATABASE_URL=` in a file means the default.
    value = os.environ.get(name) or default
    if value is None:
        raise MissingSetting(f"Set the environment variable {name} (see .env.example).")
    return value


def env_bool(name: str, default: bool) -> bool:
    value = env_str(name, "yes" if default else "no").lower()
    if value not in {"yes", "no", "true", "false", "1", "0"}:
        raise MissingSetting(f"{name} is {value!r}; say yes or no.")
    return value in {"yes", "true", "1"}


def env_int(name: str, default: int) -> int:
    return int(env_str(name, str(default)))


def env_list(name: str, default: str = "") -> list[str]:
    return [item.strip() for item in env_str(name, default).split(",") if item.strip()]


def env_networks(name: str, default: str = "") -> list[IPv4Network | IPv6Network]:
    """Addresses and networks: `127.0.0.1, 10.0.0.0/8, fd00::/8`."""
    try:
        return [ip_network(item) for item in env_list(name, default)]
    except ValueError as error:
        raise MissingSetting(f"{name}: {error}. Write networks such as 127.0.0.1,10.0.0.0/8.") from error


def database_from_url(url: str) -> dict[str, Any]:
    """Django's database dictionary for `sqlite:///path` or `postgresql://user:password@host:port/name`."""
    parts = urlsplit(url)
    if parts.scheme == "sqlite":
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": unquote(parts.path[1:]),
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 20,
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
            },
        }
    if parts.scheme not in {"postgres", "postgresql"}:
        raise MissingSetting(f"DATABASE_URL starts with {parts.scheme!r}; use sqlite:/// or postgresql://")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path[1:]),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname or "",
        "PORT": parts.port or "",
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        # A server that has gone without a word is noticed; the address may say otherwise.
        "OPTIONS": {"connect_timeout": "10", "tcp_user_timeout": "30000", **dict(parse_qsl(parts.query))},
    }
