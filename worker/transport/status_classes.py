"""The classes of HTTP statuses (RFC 9110, section 15)."""

from __future__ import annotations

SUCCESSFUL = range(200, 300)
REDIRECTION = range(300, 400)
CLIENT_ERROR = range(400, 500)
SERVER_ERROR = range(500, 600)
