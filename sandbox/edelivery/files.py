"""The operations on files: upload, list, read, delete; and the addresses of downloads, which need no token."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, quote

from sandbox.edelivery.answers import Refused, answered, bare, plain
from sandbox.edelivery.blobs import MALICIOUS, NONE, parts_of
from sandbox.edelivery.times import written
from sandbox.edelivery.upload import TYPES, NoUpload, part_of
from sandbox.stand_in import Answer

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from sandbox.edelivery.blobs import Blob, Blobs
    from sandbox.edelivery.boxes import Page
    from sandbox.edelivery.people import Profile
    from sandbox.edelivery.upload import Part
    from sandbox.edelivery.variants import Variants
    from sandbox.esb.backend import Call
    from sandbox.stand_in import Request

HASH_ALGORITHM = "Sha256"
DOWNLOADS = {"/message": True, "/profile": False}
"""Whether a link of this path is of a message; both are at a host of their own in the real system."""
_SCAN_NAMES = {1: "None", 2: "NotMalicious", 3: "NotSure", 4: "IsMalicious"}
_NOT_FOUND = 404
_GONE = "The download link has expired or is not valid."


class Files:
    """The operations on the files of one eDelivery."""

    def __init__(
        self, blobs: Callable[[], Blobs], variants: Callable[[], Variants], now: Callable[[], datetime]
    ) -> None:
        self._blobs = blobs
        self._variants = variants
        self._now = now
        self.url = ""
        """Where downloads are, which is known once the server listens."""

    def upload(self, call: Call, profile: Profile) -> Answer:
        """Take a file. Raises Refused."""
        kind = call.query.get("type", "")
        if kind.lower() not in TYPES:
            return bare(400, f"Unsupported value '{kind}' for type parameter")
        if call.file is None:
            raise Refused(500)
        variants = self._variants()
        if self._blobs().used(profile.profile_id) + call.file.stat().st_size > variants.storage_bytes:
            return answered(self._full(), "no-space")
        try:
            part = part_of(call.file, call.headers.get("content-type", ""))
        except NoUpload as error:
            return bare(400, str(error))
        if variants.scan == "malicious" and not variants.scan_seconds:
            content = self._uploaded(part.name, part.end - part.start, MALICIOUS, None)
            return answered(content, "malicious")
        return answered(self._kept(call, profile, part), "uploaded")

    def read(self, profile: Profile, blob_id: int) -> Answer:
        """Describe a file. Raises Refused (404), for a temporary one too unless the variant says otherwise."""
        return answered(self.described(self._own(profile, blob_id), of_message=False))

    def stored(self, profile: Profile, page: Page) -> Answer:
        """List the files of the storage."""
        readable = self._variants().temporary_readable
        found = self._blobs().of_profile(profile.profile_id, storage=not readable)
        shown = [self.described(one, of_message=False) for one in page.of(found)]
        return answered({"result": shown, "length": len(found)})

    def delete(self, profile: Profile, blob_id: int) -> Answer:
        """Take a file out of the storage. Raises Refused (404)."""
        self._blobs().delete(self._own(profile, blob_id))
        return Answer(200, b"", "application/json", kind="deleted")

    def described(self, blob: Blob, *, of_message: bool) -> dict[str, Any]:
        """Return a file as the API describes it, with a fresh link."""
        token, expires = self._blobs().link(blob, of_message=of_message)
        path = "message" if of_message else "profile"
        return {
            "blobId": blob.blob_id,
            "fileName": blob.name,
            "size": blob.size,
            "documentRegistrationNumber": None,
            "isMalicious": blob.is_malicious(self._now()),
            "hash": blob.hash,
            "hashAlgorithm": HASH_ALGORITHM,
            "downloadLink": f"{self.url}/{path}?t={token}",
            "downloadLinkExpirationDate": written(expires, offset=self._variants().dates == "offset"),
            "signatures": [],
        }

    def operation(self, method: str, path: str) -> str | None:
        """Return `download` for the addresses of downloads."""
        return "download" if method == "GET" and path in DOWNLOADS else None

    def answer(self, request: Request) -> Answer:
        """Send a file to whoever has its link."""
        token = next(iter(parse_qs(request.query).get("t", [])), "")
        blob = self._blobs().linked(token, of_message=DOWNLOADS[request.path])
        if blob is None:
            return plain(400, _GONE)
        headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(blob.name)}"}
        return Answer(200, b"", blob.media_type, headers=headers, kind="file", file=blob.path)

    def _own(self, profile: Profile, blob_id: int) -> Blob:
        blob = self._blobs().get(blob_id)
        readable = blob is not None and (blob.storage or self._variants().temporary_readable)
        if blob is None or not readable or blob.owner != profile.profile_id:
            raise Refused(_NOT_FOUND)
        return blob

    def _kept(self, call: Call, profile: Profile, part: Part) -> dict[str, Any]:
        if call.file is None:
            raise Refused(500)
        with call.file.open("rb") as body:
            blob = self._blobs().add(
                profile.profile_id,
                part.name,
                parts_of(body, part.start, part.end),
                storage=TYPES[call.query["type"].lower()],
                media_type=part.media_type,
            )
        return self._uploaded(part.name, blob.size, blob.scan_status(self._now()), blob)

    def _full(self) -> dict[str, Any]:
        return self._uploaded("", 0, NONE, None, full=True)

    def _uploaded(
        self, name: str, size: int, scan: int, blob: Blob | None, *, full: bool = False
    ) -> dict[str, Any]:
        source = self._variants().upload_answer == "source"
        known = blob is not None
        error = ("InsufficientStorageSpace" if full else "None") if source else int(full)
        return {
            "name": name,
            "size": size,
            "hashAlgorithm": HASH_ALGORITHM if known else None,
            "hash": blob.hash if blob is not None else None,
            "blobId": blob.blob_id if blob is not None else None,
            "malwareScanStatus": _SCAN_NAMES[scan] if source else scan,
            "signatureStatus" if source else "blobSignatureStatus": "None" if source else 0,
            "errorStatus": error,
        }
