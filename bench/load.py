"""Load and a yardstick: wrk as the client, nginx answering a constant 302 as the measure of the machine."""

import json
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.servers import free_port, wait_for_port

CONNECTIONS = 32
# What an iPhone's Safari sends over https, and what a proxy adds that ends it: such a hit is human.
HEADERS = {
    "Sec-Fetch-Dest": "document",
    "User-Agent": "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/18.6 Mobile/15E148 Safari/604.1",
    "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    "Sec-Fetch-Site": "none",
    "Sec-Fetch-Mode": "navigate",
    "Accept-Language": "fr-FR,fr;q=0.9",
    "Priority": "u=0, i",
    "Accept-Encoding": "gzip, deflate, br",
    "X-Forwarded-Proto": "https",
}
# Every request picks one of the paths at random; the requests are written once, before the clock starts.
SCRIPT = """
local requests = {}
function init(args)
    math.randomseed(os.time())
    local headers = {%(headers)s}
    for path in io.lines("%(paths)s") do
        requests[#requests + 1] = wrk.format("GET", path, headers)
    end
end
function request()
    return requests[math.random(#requests)]
end
function done(summary, latency, _)
    local errors = summary.errors
    print(string.format('RESULT {"requests": %%d, "microseconds": %%d, "p50": %%d, "p99": %%d, "errors": %%d}',
        summary.requests, summary.duration, latency:percentile(50), latency:percentile(99),
        errors.connect + errors.read + errors.write + errors.status + errors.timeout))
end
"""
NGINX = """
daemon off; worker_processes 1; pid {folder}/pid; error_log {folder}/error.log;
events {{ worker_connections 1024; }}
http {{
    access_log off; keepalive_requests 1000000000;
    client_body_temp_path {folder}/a; proxy_temp_path {folder}/b; fastcgi_temp_path {folder}/c;
    uwsgi_temp_path {folder}/d; scgi_temp_path {folder}/e;
    server {{ listen 127.0.0.1:{port}; location / {{ return 302 https://shop.example/sale; }} }}
}}
"""


@dataclass(frozen=True)
class Round:
    requests: int
    rps: float
    p50_ms: float
    p99_ms: float
    errors: int


def missing_programs() -> list[str]:
    """Programs that this measurement needs and the machine lacks, by Debian's package name."""
    return [name for name in ("wrk", "nginx") if shutil.which(name) is None]


def load_script(folder: Path, paths: list[str]) -> Path:
    (folder / "paths.txt").write_text("\n".join(paths))
    script = folder / "load.lua"
    headers = ", ".join(f'["{name}"] = "{value}"' for name, value in HEADERS.items())
    script.write_text(SCRIPT % {"headers": headers, "paths": folder / "paths.txt"})
    return script


def drive(port: int, script: Path, seconds: int) -> Round:
    """One round of wrk: one thread, 32 connections kept alive, each asking again once it is answered."""
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "-s", script, f"http://127.0.0.1:{port}/"]
    output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    result = json.loads(output.partition("RESULT ")[2].splitlines()[0])
    return Round(
        requests=result["requests"],
        rps=result["requests"] * 1e6 / result["microseconds"],
        p50_ms=result["p50"] / 1000,
        p99_ms=result["p99"] / 1000,
        errors=result["errors"],
    )


@contextmanager
def nginx_redirect() -> Iterator[int]:
    """nginx with one worker, answering 302 to everything and recording nothing; yields its port."""
    port, folder = free_port(), Path(tempfile.mkdtemp(prefix="chappe-nginx-"))
    (folder / "nginx.conf").write_text(NGINX.format(folder=folder, port=port))
    (folder / "error.log").touch()
    process = subprocess.Popen(["nginx", "-c", folder / "nginx.conf", "-p", folder, "-e", folder / "error.log"])
    try:
        wait_for_port(port, process, folder / "error.log")
        yield port
    finally:
        process.terminate()
        process.wait()
        shutil.rmtree(folder, ignore_errors=True)
