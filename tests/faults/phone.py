"""What a phone in a browser holds, read from its IndexedDB without the app's own code.

Works on any page of the server's origin, also where the app cannot start; creates no database.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Page

from tests.faults.checker import Save

READ = """
async () => {
  const result = (request) => new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  const hex = (bytes) => Array.from(new Uint8Array(bytes), (byte) =>
    byte.toString(16).padStart(2, "0")).join("");
  const hashOf = async (data) => hex(await crypto.subtle.digest("SHA-256", data));
  const out = { records: [], files: [], drafts: 0 };
  for (const { name } of await indexedDB.databases()) {
    if (!name.startsWith("jejak-officer-")) continue;
    const database = await result(indexedDB.open(name));
    const tx = database.transaction(["records", "files", "file_data", "drafts"], "readonly");
    const all = (store) => result(tx.objectStore(store).getAll());
    const [records, files, contents, drafts] =
      await Promise.all(["records", "files", "file_data", "drafts"].map(all));
    database.close();
    const officer = name.slice("jejak-officer-".length);
    for (const one of records) out.records.push({
      officer, id: one.id, kind: one.kind, sha256: one.sha256, payload: one.payload ?? "",
      state: one.state, result: one.result, refusal: one.refusal?.code ?? null,
      files: one.files });
    const hashes = new Map();
    for (const one of contents) hashes.set(one.sha256, await hashOf(one.data));
    for (const one of files) out.files.push({
      officer, sha256: one.sha256, kind: one.kind, state: one.state, bytes: one.bytes,
      offset: one.offset, held: one.held, actual: hashes.get(one.sha256) ?? null });
    out.drafts += drafts.length;
  }
  return out;
}
"""

LEFT = """
async () => {
  const result = (request) => new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  let left = 0;
  for (const { name } of await indexedDB.databases()) {
    if (!name.startsWith("jejak-officer-")) continue;
    const database = await result(indexedDB.open(name));
    const tx = database.transaction(["records", "files"], "readonly");
    const [records, files] = await Promise.all(
      ["records", "files"].map((store) => result(tx.objectStore(store).getAll())));
    database.close();
    left += records.filter((one) => !["acked", "erased"].includes(one.state)).length;
    left += files.filter((one) => !["sent", "draft"].includes(one.state)).length;
  }
  return left;
}
"""
"""How much is still to be sent, by the database itself: the pill says 0 before its first look."""


@dataclass(frozen=True)
class PhoneRecord:
    """A frozen record on the phone; `state` is the outbox's: waiting, acked, refused, erased."""

    officer: str
    id: str
    kind: str
    sha256: str
    payload: str
    state: str
    result: str | None
    refusal: str | None
    files: tuple[str, ...]

    @property
    def save(self) -> Save:
        return Save(self.id, self.sha256, self.files)


@dataclass(frozen=True)
class PhoneFile:
    """A file on the phone; `actual` is the hash of the bytes that are really there."""

    officer: str
    sha256: str
    kind: str
    state: str
    bytes: int
    offset: int
    held: bool
    actual: str | None


@dataclass(frozen=True)
class PhoneState:
    """Everything all officers of one phone have saved."""

    records: tuple[PhoneRecord, ...]
    files: tuple[PhoneFile, ...]
    drafts: int

    @property
    def saves(self) -> list[Save]:
        """What was saved, sent or not, with all its files."""
        return [record.save for record in self.records]

    @property
    def acknowledged(self) -> list[Save]:
        """What the server acknowledged, with those of its files that it said it has whole."""
        sent = {(file.officer, file.sha256) for file in self.files if file.state == "sent"}
        return [
            Save(one.id, one.sha256, tuple(n for n in one.files if (one.officer, n) in sent))
            for one in self.records
            if one.state == "acked"
        ]

    @property
    def outbox(self) -> list[str]:
        """What is still to be sent, a line each; empty at the end of a good day."""
        records = [
            f"{one.kind} {one.id} {one.state} {one.refusal or ''}".strip()
            for one in self.records
            if one.state not in ("acked", "erased")
        ]
        done = ("sent", "draft")
        files = [f"{one.kind} {one.sha256} {one.state}" for one in self.files]
        return records + [
            line for line, one in zip(files, self.files, strict=True) if one.state not in done
        ]

    @property
    def damage(self) -> list[str]:
        """What on the phone itself is not what its hash says, a line each."""
        lines = [
            f"record {one.id}: its payload has another hash"
            for one in self.records
            if one.state != "erased"
            and hashlib.sha256(one.payload.encode()).hexdigest() != one.sha256
        ]
        for file in self.files:
            if file.held and file.actual != file.sha256:
                lines.append(f"file {file.sha256}: its bytes are {file.actual or 'not there'}")
        known = {(file.officer, file.sha256) for file in self.files}
        for one in self.records:
            lines += [
                f"record {one.id}: its file {name} is not there"
                for name in one.files
                if (one.officer, name) not in known
            ]
        return lines


def read_phone(page: Page) -> PhoneState:
    """Read all officers' databases of the phone that shows this page."""
    return phone_state(page.evaluate(READ))


def phone_state(raw: dict[str, Any]) -> PhoneState:
    """Return what READ gave in any browser."""
    return PhoneState(
        tuple(PhoneRecord(**{**one, "files": tuple(one["files"])}) for one in raw["records"]),
        tuple(PhoneFile(**one) for one in raw["files"]),
        raw["drafts"],
    )
