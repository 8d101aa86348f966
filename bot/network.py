"""The network policy, read from the environment: proxies, what goes without one, and whose
certificates are trusted. One for every client of the program."""

from __future__ import annotations

import re
import ssl
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from os import pathsep
from pathlib import Path

from aiohttp import encode_basic_auth
from yarl import URL

from bot.errors import ConfigError

PROXIES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")  # in small or capital letters
BUNDLES = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")  # the first that is set
_HASHED = re.compile(r"[0-9a-f]{8}\.\d+")  # the names by which OpenSSL looks into a folder


@dataclass(frozen=True, slots=True)
class Proxy:
    """An HTTP proxy. The name and password for it never show."""

    url: URL
    authorization: str = field(default="", repr=False)

    @property
    def host(self) -> str:
        return f"{self.url.host}:{self.url.port}"


@dataclass(frozen=True, slots=True)
class Network:
    """Without anything set: directly, and trusting whom the system trusts."""

    proxies: Mapping[str, Proxy] = field(default_factory=dict)  # for http and for https
    direct: str = ""  # NO_PROXY: hosts, suffixes, ports, networks; * for all
    authorities: tuple[str, ...] = ()  # files and folders of certificates beside the system's

    def proxy(self, url: URL) -> Proxy | None:
        """The proxy through which an address is reached."""
        proxy = self.proxies.get(_scheme(url))
        return None if proxy is None or self.is_direct(url) else proxy

    def is_direct(self, url: URL) -> bool:
        """Whether NO_PROXY names it."""
        names = self.direct.replace(",", " ").split()
        return any(_is_named((url.host or "").rstrip("."), url.port or 0, name) for name in names)

    def context(self) -> ssl.SSLContext:
        """Whom to trust. Raises OSError for authorities that cannot be read."""
        return _context(self.authorities)


def read(env: Mapping[str, str], addresses: Collection[str]) -> Network:
    """The policy, and the addresses it is needed for. Raises ConfigError."""
    direct = _found(env, "no_proxy")[1]
    way, urls = Network(direct=direct), [URL(address) for address in addresses]
    proxies = {}
    for scheme in ("http", "https"):
        needed = any(_scheme(url) == scheme and not way.is_direct(url) for url in urls)
        name, value = _found(env, f"{scheme}_proxy")
        if not value and needed:  # else it may be of a kind that nobody asks for: SOCKS, say
            name, value = _found(env, "all_proxy")
        if value and direct.strip() != "*":
            proxies[scheme] = _proxy(name, value)
    return Network(proxies, direct, _authorities(env))


def doubts(env: Mapping[str, str], addresses: Collection[str]) -> tuple[str, ...]:
    """A sentence where a proxy is named, and for no address that is asked."""
    asked = {_scheme(URL(address)) for address in addresses}
    name, value = _found(env, "http_proxy")
    others = _found(env, "https_proxy")[1] or _found(env, "all_proxy")[1]
    if not value or others or "http" in asked:
        return ()
    return (f"{name} is for http:// addresses, and none is asked; did you mean HTTPS_PROXY?",)


def _scheme(url: URL) -> str:
    return "https" if url.scheme in ("https", "wss") else "http"


def _found(env: Mapping[str, str], name: str) -> tuple[str, str]:
    """A setting's name as it is written, and its value; in small letters it goes first."""
    written = name if name in env else name.upper()
    return written, env.get(written, "").strip()


def _proxy(name: str, value: str) -> Proxy:
    text = value if "://" in value else f"http://{value}"
    kind = text.partition("://")[0].lower()
    if kind.startswith("socks"):
        raise ConfigError(
            f"{name} names a SOCKS proxy, which is not supported: use an HTTP proxy, "
            "http://host:port."
        )
    try:
        url = URL(text)
        user, password = url.user, url.password
        authorization = encode_basic_auth(user, password or "") if user else ""
        if not (kind in ("http", "https") and text.isprintable() and _is_bare(url)):
            raise ValueError
    except ValueError:  # its words may hold the password
        raise ConfigError(
            f"{name} must look like http://host:port or http://name:password@host:port, with "
            "special characters of name and password as %40."
        ) from None
    return Proxy(url.with_user(None), authorization)


def _is_bare(url: URL) -> bool:
    """Whether it names a host, and nothing there."""
    host = re.fullmatch(r"[\w.:%-]+", url.raw_host or "")
    return bool(host and url.port and url.path_qs == "/" and not url.fragment)


def _is_named(host: str, port: int, name: str) -> bool:
    """Whether a part of NO_PROXY names the host: x.org (its subdomains, too), .x.org, *.x.org,
    x.org:443, 10.1.2.3, 10.0.0.0/8, [::1]:8080, *."""
    if name == "*" or _is_within(host, name):
        return True
    bare, _, wanted = name.rpartition(":")
    if bare and wanted.isdecimal() and (":" not in bare or bare.endswith("]")):
        return int(wanted) == port and _is_named(host, port, bare)
    suffix = name.lower().removeprefix("*").strip(".")
    return bool(suffix) and f".{host.lower()}".endswith(f".{suffix}")


def _is_within(host: str, name: str) -> bool:
    """Whether a host that is an address is the one named, or of that network."""
    try:
        network: IPv4Network | IPv6Network = ip_network(name.strip("[]"), strict=False)
        return ip_address(host) in network
    except ValueError:
        return False


def _authorities(env: Mapping[str, str]) -> tuple[str, ...]:
    """Raises ConfigError for what is no file of certificates, and no folder."""
    bundle = next((name for name in BUNDLES if env.get(name, "").strip()), "")
    named = [(bundle, env[bundle])] if bundle else []
    folders = env.get("SSL_CERT_DIR", "").split(pathsep)
    named += [("SSL_CERT_DIR", folder) for folder in folders]
    chosen = [(name, value.strip()) for name, value in named if value.strip()]
    for name, path in chosen:
        same = (other for setting, other in chosen if setting == name)  # SSL_CERT_DIR is a list
        try:
            _context((path,))
            if not any(map(_holds_any, same)):
                raise ValueError
        except (OSError, ValueError) as error:  # ssl.SSLError is an OSError
            why = error.strerror if isinstance(error, FileNotFoundError | PermissionError) else ""
            raise ConfigError(
                f"{name} must name a file or folder of certificates (PEM); {_short(path)} "
                f"{'cannot be read: ' + why if why else 'holds none'}."
            ) from None
    return tuple(path for _, path in chosen)


def _short(path: str) -> str:
    return repr(path if len(path) < 100 else f"...{path[-90:]}")


@lru_cache(maxsize=16)
def _context(authorities: tuple[str, ...]) -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.set_alpn_protocols(["http/1.1"])  # as aiohttp sets it
    for name in authorities:
        path = Path(name)
        if not path.is_dir():
            context.load_verify_locations(cafile=path)
            continue
        context.load_verify_locations(capath=path)
        files = _certificates(path)
        if not any(_HASHED.fullmatch(file.name) for file in files):
            for file in files:  # put there by hand, without the names that OpenSSL looks for
                _is_loaded(context, file)
    return context


def _certificates(folder: Path) -> list[Path]:
    """The files there that OpenSSL would look for; else those that are named like certificates."""
    files = [file for file in folder.iterdir() if file.is_file()]
    hashed = [file for file in files if _HASHED.fullmatch(file.name)]
    return hashed or [file for file in files if file.suffix in (".pem", ".crt", ".cer")]


def _holds_any(name: str) -> bool:
    """Whether there is a certificate: a file that could be loaded has one. Raises OSError."""
    if not Path(name).is_dir():
        return True
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    return any(_is_loaded(context, file) for file in _certificates(Path(name)))


def _is_loaded(context: ssl.SSLContext, file: Path) -> bool:
    try:
        context.load_verify_locations(cafile=file)
    except OSError:  # ssl.SSLError is one
        return False
    return True
