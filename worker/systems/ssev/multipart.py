"""The body of an upload (`multipart/form-data`, RFC 7578), around a file that is not read into memory. Pure."""

from __future__ import annotations

from dataclasses import field

from contracts.immutable import immutable

_PART = "file"
"""The public server takes the first part that is a file, whatever its name."""


@immutable
class Envelope:
    """What surrounds the file's bytes."""

    content_type: str
    before: bytes = field(repr=False)
    after: bytes


def envelope(name: str, media_type: str, boundary: str) -> Envelope:
    """Return what surrounds a file of this name.

    ``boundary`` must not be in the file: it is made of the random id of the attempt. The name is in UTF-8, as browsers
    send it (RFC 7578, 4.2); the contract refuses quotation marks and line breaks in it.
    """
    disposition = f'Content-Disposition: form-data; name="{_PART}"; filename="{name}"'
    head = f"--{boundary}\r\n{disposition}\r\nContent-Type: {media_type}\r\n\r\n"
    return Envelope(
        f"multipart/form-data; boundary={boundary}", head.encode(), f"\r\n--{boundary}--\r\n".encode()
    )
