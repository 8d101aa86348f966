"""The network policy: which way an address is reached, and settings that make no policy."""

from collections.abc import Mapping
from pathlib import Path

import pytest
from yarl import URL

from bot.config import load
from bot.errors import ConfigError
from bot.network import Network
from tests.outside import AUTHORITY

PROXY = "http://proxy.corp:3128"


def way(url: str, env: Mapping[str, str]) -> str:
    """The proxy on the way to an address; empty: there is none."""
    proxy = load(env).network.proxy(URL(url))
    return proxy.host if proxy else ""


@pytest.mark.parametrize("url", ["https://huggingface.co/api", "wss://gateway.discord.gg"])
@pytest.mark.parametrize(
    ("env", "host"),
    [({}, ""), ({"HTTPS_PROXY": PROXY}, "proxy.corp:3128"),
     ({"https_proxy": PROXY}, "proxy.corp:3128"), ({"ALL_PROXY": PROXY}, "proxy.corp:3128"),
     ({"all_proxy": "proxy.corp"}, "proxy.corp:80"), ({"HTTP_PROXY": PROXY}, ""),
     ({"HTTPS_PROXY": "https://proxy.corp"}, "proxy.corp:443"),
     ({"HTTPS_PROXY": "proxy.corp:8080"}, "proxy.corp:8080"),
     ({"HTTPS_PROXY": "HTTP://proxy.corp:8080/"}, "proxy.corp:8080"),
     ({"HTTPS_PROXY": "http://[2001:db8::1]:8080"}, "2001:db8::1:8080"),
     ({"HTTPS_PROXY": "http://other:1", "https_proxy": PROXY}, "proxy.corp:3128"),
     ({"HTTPS_PROXY": PROXY, "https_proxy": ""}, ""),
     ({"HTTPS_PROXY": " "}, ""), ({"HTTPS_PROXY": PROXY, "NO_PROXY": "*"}, "")],
)  # fmt: skip
def test_an_address_goes_through_the_proxy_of_its_kind(
    url: str, env: Mapping[str, str], host: str
) -> None:
    assert way(url, env) == host


@pytest.mark.parametrize(
    ("names", "direct"),
    [("huggingface.co", True), (".huggingface.co", True), ("*.huggingface.co", True),
     ("co", True), ("HuggingFace.CO.", True), ("face.co", False), ("x.huggingface.co", False),
     ("a.org, huggingface.co ,b.org", True), ("a.org huggingface.co", True), ("a.org,*", True),
     ("huggingface.co:443", True), ("huggingface.co:80", False), (".co:443", True),
     ("", False), (",", False), (".", False), ("10.0.0.0/8", False), ("[::1]", False)],
)  # fmt: skip
def test_what_no_proxy_names_is_reached_directly(names: str, direct: bool) -> None:
    env = {"HTTPS_PROXY": PROXY, "NO_PROXY": names}
    assert (way("https://huggingface.co", env) == "") is direct
    assert (
        way("https://huggingface.co", {"HTTPS_PROXY": PROXY, "no_proxy": names}) == ""
    ) is direct


@pytest.mark.parametrize(
    ("url", "names", "direct"),
    [("http://10.1.2.3", "10.0.0.0/8", True), ("http://11.1.2.3", "10.0.0.0/8", False),
     ("http://10.1.2.3", "10.1.2.3", True), ("http://10.1.2.3:81", "10.1.2.3:81", True),
     ("http://10.1.2.3:81", "10.1.2.3:82", False), ("http://10.1.2.3:81", "10.0.0.0/8:81", True),
     ("http://[::1]:81", "::1", True), ("http://[::1]:81", "[::1]:81", True),
     ("http://[::1]:81", "[::1]:82", False), ("http://[fd00::5]", "fd00::/8", True),
     ("http://[fe00::5]", "fd00::/8", False), ("http://127.0.0.1", "localhost", False),
     ("http://localhost:80", "localhost", True), ("http://10.1.2.3", "10.1.2.0/99", False)],
)  # fmt: skip
def test_addresses_ports_and_networks_are_named_too(url: str, names: str, direct: bool) -> None:
    assert (way(url, {"HTTP_PROXY": PROXY, "NO_PROXY": names}) == "") is direct


@pytest.mark.parametrize("kind", ["socks", "socks4", "socks4a", "socks5", "socks5h", "SOCKS5"])
@pytest.mark.parametrize("name", ["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "ALL_PROXY"])
def test_socks_is_refused_in_one_sentence(name: str, kind: str) -> None:
    with pytest.raises(ConfigError) as fault:
        load({name: f"{kind}://Ada:hunter2@proxy.corp:1080"})
    assert str(fault.value) == (
        f"{name} names a SOCKS proxy, which is not supported: use an HTTP proxy, http://host:port."
    )


def test_socks_that_nothing_would_use_stands_in_nobodys_way() -> None:
    both = {"http_proxy": PROXY, "https_proxy": PROXY, "all_proxy": "socks5://127.0.0.1:7891"}
    assert way("https://huggingface.co", both) == "proxy.corp:3128"
    env = {"ALL_PROXY": "socks5://127.0.0.1:7891", "NO_PROXY": "*"}
    assert way("https://huggingface.co", env) == ""


@pytest.mark.parametrize(
    "value",
    ["http://", "http://:3128", "http://proxy:port", "http://proxy:99999", "ftp://proxy:21",
     "http://Ada:hunter2@", "http://Ada:hunt#er2@proxy:1", "http://Ada:hunt/er2@proxy:1",
     "Ada:hunt?er2@proxy:1", "http://pro xy:1", "http://proxy:1/path", "http://[::1", "http:/x",
     "//proxy:1", "http://pro\nxy:1", "\x00"],
)  # fmt: skip
def test_a_malformed_proxy_is_one_sentence_without_its_password(value: str) -> None:
    with pytest.raises(ConfigError, match=r"^HTTPS_PROXY must look like http://host.*\.$") as fault:
        load({"HTTPS_PROXY": value})
    assert "Ada" not in str(fault.value) and "er2" not in str(fault.value)


def test_a_proxys_password_never_shows() -> None:
    made = load({"HTTPS_PROXY": "http://Ada:hunter2@proxy.corp:3128"})
    assert "hunter2" not in repr(made) + repr(made.network) + str(made.network)
    assert "Ada" not in repr(made.network)


# certificates -------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE"])
def test_authorities_that_cannot_be_read_are_one_sentence(name: str, tmp_path: Path) -> None:
    no_certificate = tmp_path / "notes.txt"
    no_certificate.write_text("nothing of the kind")
    folders = [tmp_path / "empty", tmp_path / "notes", tmp_path / "broken"]
    for folder in folders:
        folder.mkdir()
    (folders[1] / "notes.txt").write_text("nothing of the kind")
    for file in ("own.pem", "0a1b2c3d.0"):
        (folders[2] / file).write_text("nothing of the kind")
    for path in (tmp_path / "absent", no_certificate, *folders):
        with pytest.raises(ConfigError, match=rf"^{name} must name a file or folder .*\.$"):
            load({name: str(path)})
    assert load({name: " "}).network == Network()


@pytest.mark.parametrize("file", ["own.pem", "own.crt", "0a1b2c3d.0"])
def test_a_folder_with_a_certificate_among_other_files_is_taken(file: str, tmp_path: Path) -> None:
    (tmp_path / "README").write_text("nothing of the kind")
    (tmp_path / "broken.pem").write_text("nothing of the kind")
    (tmp_path / file).write_bytes(Path(AUTHORITY).read_bytes())
    assert load({"SSL_CERT_FILE": str(tmp_path)}).network.authorities == (str(tmp_path),)


def test_the_more_special_setting_goes_first() -> None:
    env = {"SSL_CERT_FILE": AUTHORITY, "REQUESTS_CA_BUNDLE": "/absent"}
    assert load(env).network.authorities == (AUTHORITY,)
