"""Certificates for tests, made by `openssl`: an authority, an intermediate one, servers."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path

NAME = "survei.example.go.id"
CONFIG = """
[ca]
default_ca = here
[here]
database = {folder}/index.txt
new_certs_dir = {folder}
rand_serial = yes
default_md = sha256
policy = any
unique_subject = no
email_in_dn = no
[any]
commonName = supplied
[authority]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign,cRLSign
subjectKeyIdentifier = hash
[server]
basicConstraints = CA:FALSE
subjectAltName = DNS:{name}
"""
YEAR = ("20250101000000Z", "20491231000000Z")


@dataclass(frozen=True)
class Pair:
    """A certificate (maybe followed by others) and its key."""

    certificate: Path
    key: Path


class Workshop:
    """A folder with an authority of its own."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._number = 0
        (folder / "index.txt").write_text("")
        self.root = self._self_signed("root", "authority", NAME)
        self._intermediate = self._issue("intermediate", self.root, "authority", NAME, YEAR)

    def server(
        self, name: str = NAME, term: tuple[str, str] = YEAR, *, alone: bool = False
    ) -> Pair:
        """Make a certificate of a server with its chain, or alone."""
        self._number += 1
        made = self._issue(f"server{self._number}", self._intermediate, "server", name, term)
        if not alone:
            above = self._intermediate.certificate.read_text()
            made.certificate.write_text(made.certificate.read_text() + above)
        return made

    def self_signed(self) -> Pair:
        """Make a certificate that vouches for itself."""
        return self._self_signed("lonely", "server", NAME)

    def _config(self, name: str) -> str:
        path = self._folder / f"{name}.cnf"
        path.write_text(CONFIG.format(folder=self._folder, name=name))
        return str(path)

    def _run(self, *words: str) -> None:
        subprocess.run(["openssl", *words], check=True, capture_output=True, timeout=30)

    def _pair(self, stem: str) -> Pair:
        return Pair(self._folder / f"{stem}.pem", self._folder / f"{stem}.key")

    def _request(self, stem: str, subject: str) -> Path:
        path = self._folder / f"{stem}.csr"
        self._run(
            *("req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"),
            *("-keyout", str(self._pair(stem).key), "-subj", f"/CN={subject}", "-out", str(path)),
        )
        return path

    def _sign(
        self, stem: str, request: Path, issuer: list[str], kind: str, rest: list[str]
    ) -> Pair:
        pair = self._pair(stem)
        self._run(
            *("ca", "-batch", "-notext", "-in", str(request), "-out", str(pair.certificate)),
            *("-extensions", kind, *issuer, *rest),
        )
        return pair

    def _self_signed(self, stem: str, kind: str, name: str) -> Pair:
        request = self._request(stem, name)
        issuer = ["-selfsign", "-keyfile", str(self._pair(stem).key)]
        rest = ["-config", self._config(name), "-startdate", YEAR[0], "-enddate", YEAR[1]]
        return self._sign(stem, request, issuer, kind, rest)

    def _issue(self, stem: str, by: Pair, kind: str, name: str, term: tuple[str, str]) -> Pair:
        request = self._request(stem, f"{stem} {name}")
        issuer = ["-cert", str(by.certificate), "-keyfile", str(by.key)]
        rest = ["-config", self._config(name), "-startdate", term[0], "-enddate", term[1]]
        return self._sign(stem, request, issuer, kind, rest)
