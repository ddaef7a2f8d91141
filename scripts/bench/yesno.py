"""Beside what would only say yes or no: a proxy that asks OPA before the same handler.

Two peers, each before the bare handler of :mod:`scripts.bench.server` (without TLS, as
the proxy ends that): nginx with ``auth_request``, and Envoy with a Lua filter. Both ask
a stock OPA server for each request; of its sixty rules one permits. They redact
nothing, write no log and give no receipt. All processes of a peer share the core that
the gateway has to itself, and the same client asks both in turns.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from gateway.config import load
from scripts.bench.asking import Compared, County, compared, county_of
from scripts.bench.beside import free_port, listening
from scripts.bench.county import Size, document
from scripts.bench.figure import Figure
from scripts.bench.running import ROOT, Server, running

__all__ = ["figures"]

OPA = ROOT / ".tools" / "bin" / "opa"
ENVOY = ROOT / ".tools" / "toolchains" / "envoy" / "envoy" / "_bin" / "envoy"
RULES = 60
QUESTION = {"agency": "agency-17", "purpose": "criminal_investigation"}
"""What the proxy says of each request; a real one would take it from the token."""

NGINX = """\
daemon off;
master_process off;
worker_processes 1;
pid nginx.pid;
error_log stderr crit;
events {{ worker_connections 1024; }}
http {{
  access_log off;
  client_body_temp_path temp;
  proxy_temp_path temp;
  fastcgi_temp_path temp;
  uwsgi_temp_path temp;
  scgi_temp_path temp;
  keepalive_requests 100000000;
  upstream opa {{ server 127.0.0.1:{opa}; keepalive 128; }}
  upstream bare {{ server 127.0.0.1:{bare}; keepalive 128; }}
  proxy_http_version 1.1;
  proxy_set_header Connection "";
  server {{
    listen 127.0.0.1:{port} ssl;
    ssl_certificate {certificate};
    ssl_certificate_key {key};
    ssl_client_certificate {authority};
    ssl_verify_client on;
    ssl_verify_depth 2;
    location / {{ auth_request /_decide; proxy_pass http://bare; }}
    location = /_decide {{
      internal;
      proxy_method POST;
      proxy_set_header Content-Type application/json;
      proxy_set_body '{question}';
      proxy_pass http://opa/;
      proxy_intercept_errors on;
      # OPA answers 404 where its main rule is undefined: nobody said yes.
      error_page 404 =403 /_no;
    }}
    location = /_no {{ internal; return 403; }}
  }}
}}
"""

LUA = """\
function envoy_on_request(handle)
  local headers, body = handle:httpCall("opa",
    {{[":method"] = "POST", [":path"] = "/", [":authority"] = "opa",
     ["content-type"] = "application/json"}}, '{question}', 1000)
  if headers[":status"] ~= "200" then
    handle:respond({{[":status"] = "403"}}, "")
  end
end
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Ports:
    """Where each process of a peer listens."""

    opa: int
    bare: int
    proxy: int


def _policy() -> str:
    """Return the policy: whoever is one of sixty agencies, for its own purpose."""
    rules = [
        f'allow if {{\n\tinput.agency == "agency-{n}"\n'
        f'\tinput.purpose == "{QUESTION["purpose"] if n == 17 else f"purpose-{n}"}"\n}}'  # noqa: PLR2004 - the one that asks
        for n in range(RULES)
    ]
    return "\n\n".join(["package system", 'main := {"allow": true} if allow', *rules])


def _nginx(county: County, ports: _Ports, folder: Path) -> tuple[str, ...]:
    """Write nginx's configuration; return the command that runs it."""
    server = load(county.config).server
    authorities = folder / "authorities.pem"
    authorities.write_bytes(
        b"".join(p.read_bytes() for p in server.client_cas.values())
    )
    text = NGINX.format(
        opa=ports.opa,
        bare=ports.bare,
        port=ports.proxy,
        certificate=server.certificate,
        key=server.key,
        authority=authorities,
        question=json.dumps(QUESTION),
    )
    (folder / "temp").mkdir()
    (folder / "nginx.conf").write_text(text)
    program = shutil.which("nginx") or "/usr/sbin/nginx"
    return (program, "-p", f"{folder}/", "-e", "stderr", "-c", "nginx.conf")


def _envoy(county: County, ports: _Ports, folder: Path) -> tuple[str, ...]:
    """Write Envoy's configuration; return the command that runs it."""
    server = load(county.config).server
    authorities = folder / "authorities.pem"
    authorities.write_bytes(
        b"".join(p.read_bytes() for p in server.client_cas.values())
    )
    kinds = "type.googleapis.com/envoy.extensions"
    http = f"{kinds}.filters.network.http_connection_manager.v3.HttpConnectionManager"
    lua = {
        "@type": f"{kinds}.filters.http.lua.v3.Lua",
        "default_source_code": {
            "inline_string": LUA.format(question=json.dumps(QUESTION))
        },
    }
    router = {"@type": f"{kinds}.filters.http.router.v3.Router"}
    chain = {
        "certificate_chain": {"filename": str(server.certificate)},
        "private_key": {"filename": str(server.key)},
    }
    tls = {
        "@type": f"{kinds}.transport_sockets.tls.v3.DownstreamTlsContext",
        "require_client_certificate": True,
        "common_tls_context": {
            "tls_certificates": [chain],
            "validation_context": {"trusted_ca": {"filename": str(authorities)}},
        },
    }
    manager = {
        "@type": http,
        "stat_prefix": "bench",
        "http_filters": [
            {"name": "lua", "typed_config": lua},
            {"name": "router", "typed_config": router},
        ],
        "route_config": {
            "virtual_hosts": [
                {
                    "name": "all",
                    "domains": ["*"],
                    "routes": [
                        {"match": {"prefix": "/"}, "route": {"cluster": "bare"}}
                    ],
                }
            ]
        },
    }
    listener = {
        "name": "bench",
        "address": _address(ports.proxy),
        "filter_chains": [
            {
                "transport_socket": {"name": "tls", "typed_config": tls},
                "filters": [{"name": "http", "typed_config": manager}],
            }
        ],
    }
    clusters = [_cluster("opa", ports.opa), _cluster("bare", ports.bare)]
    resources = {"listeners": [listener], "clusters": clusters}
    (folder / "envoy.json").write_text(json.dumps({"static_resources": resources}))
    options = ("--concurrency", "1", "--disable-hot-restart", "-l", "error")
    return (str(ENVOY), "-c", str(folder / "envoy.json"), *options)


def _address(port: int) -> dict[str, object]:
    return {"socket_address": {"address": "127.0.0.1", "port_value": port}}


def _cluster(name: str, port: int) -> dict[str, object]:
    endpoint = {"endpoint": {"address": _address(port)}}
    return {
        "name": name,
        "type": "STATIC",
        "load_assignment": {
            "cluster_name": name,
            "endpoints": [{"lb_endpoints": [endpoint]}],
        },
    }


Write = Callable[[County, _Ports, Path], tuple[str, ...]]


@contextlib.contextmanager
def _peer(county: County, name: str, write: Write) -> Iterator[Server]:
    """Run a proxy, OPA and the handler; yield all three as one server."""
    folder = county.root / name
    folder.mkdir()
    (folder / "rules.rego").write_text(_policy())
    with running("plain", county.config) as bare, contextlib.ExitStack() as stack:
        ports = _Ports(opa=free_port(), bare=bare.port, proxy=free_port())
        address = f"127.0.0.1:{ports.opa}"
        opa = stack.enter_context(
            listening(
                *(str(OPA), "run", "--server", "--log-level", "error", "-a", address),
                str(folder / "rules.rego"),
                port=ports.opa,
                said=folder / "opa.txt",
                variables={**os.environ, "GOMAXPROCS": "1"},
            )
        )
        command = write(county, ports, folder)
        said = folder / "proxy.txt"
        proxy = stack.enter_context(listening(*command, port=ports.proxy, said=said))
        yield Server(port=ports.proxy, process=proxy, beside=(bare.process, opa))


def _figure(name: str, body: bytes, county: County, governed: Server) -> Figure:
    write = _PEERS[name]
    with _peer(county, name.split(maxsplit=1)[0].lower(), write) as peer:
        peer_asked = county.asks(peer, body)
        found: Compared = compared(county.asks(governed, body), peer_asked)
    return Figure(
        name=f"exchange: beside {name}, a yes or no without log, redaction or receipt",
        value=found.ratio,
        unit="governed / peer",
        baseline={
            "peer, 1/s": found.beside,
            "governed, 1/s": found.per_second,
            "peer, processor us an answer": found.beside_cpu_us,
            "governed, processor us an answer": found.cpu_us,
        },
        goal="> 1",
        met=found.ratio > 1,
    )


_PEERS: dict[str, Write] = {
    "nginx auth_request + OPA": _nginx,
    "Envoy Lua + OPA": _envoy,
}


def figures() -> Iterator[Figure]:
    """Measure the gateway beside each peer that is installed."""
    body = document("bench-register")
    with county_of(Size()) as county, running("governed", county.config) as governed:
        if shutil.which("nginx") or Path("/usr/sbin/nginx").exists():
            yield _figure("nginx auth_request + OPA", body, county, governed)
        if ENVOY.exists():
            yield _figure("Envoy Lua + OPA", body, county, governed)
