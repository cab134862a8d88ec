"""`herald files`: the files that replies and events refer to, and signed addresses to fetch and upload them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from worker.admin.errors import ActFailed
from worker.admin.files import FileRow, list_files, show_file
from worker.cli.access import Config, not_empty, run, settings_of
from worker.cli.operator import By
from worker.cli.output import WRONG_USE, AsJson, fail, print_json, print_table, say
from worker.clock import SystemClock
from worker.composition.files import BuiltFiles, build_files
from worker.configuration_error import ConfigurationError
from worker.file_addresses import FileAddresses
from worker.file_store import FileStoreOutage, NoSuchFile

app = typer.Typer(no_args_is_help=True, help="Show and fetch the files that replies and events refer to.")

_COLUMNS = ("file", "submission", "type", "bytes", "stored (UTC)", "expires (UTC)", "content")
FileId = Annotated[str, typer.Argument(metavar="ID", callback=not_empty, help="The file's id.")]
Seconds = Annotated[
    int | None,
    typer.Option(
        min=1,
        max=7 * 24 * 3600,
        help="For how many seconds it is valid; by default files.signed_urls.seconds.",
    ),
]


@app.command(name="list")
def list_(
    config: Config = None,
    *,
    submission: Annotated[str | None, typer.Option(help="Only this submission's.")] = None,
    source: Annotated[str | None, typer.Option(help="Only this source's.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="At most so many.")] = 50,
    as_json: AsJson = False,
) -> None:
    """List files, the newest first."""
    found = run(list_files(settings_of(config).journal, submission=submission, source=source, limit=limit))
    if as_json:
        print_json(list(found))
        return
    print_table(_COLUMNS, (_line(row) for row in found))


@app.command()
def show(file_id: FileId, config: Config = None, *, as_json: AsJson = False) -> None:
    """Show a file, and who fetched or uploaded it."""
    row, accesses = run(show_file(settings_of(config).journal, file_id))
    if as_json:
        print_json({"file": row, "accesses": list(accesses)})
        return
    told = ("id", "system", "source", "submission_id", "media_type", "name", "sha256", "size")
    print_table(("", ""), ((name.replace("_", " "), getattr(row, name)) for name in told))
    print_table(_COLUMNS[4:], [_line(row)[4:]], below=True)
    head = ("at (UTC)", "act", "who", "bytes", "complete")
    lines = ((one.at, one.act, one.who, one.bytes, "yes" if one.complete else "no") for one in accesses)
    print_table(head, lines, below=True)


@app.command()
def fetch(
    file_id: FileId,
    to: Annotated[
        Path, typer.Option(help="The file to write, readable by you alone; it may hold health data.")
    ],
    by: By,
    config: Config = None,
) -> None:
    """Write a file's content to a file; Herald records who did it."""
    try:
        to.touch(mode=0o600, exist_ok=False)
    except OSError as error:
        fail(f"--to {to}: {error.strerror}", WRONG_USE)
    try:
        size = run(_fetched(_built(config), file_id, to, by))
    except BaseException:
        to.unlink()
        raise
    say(f"wrote {to}: {size} bytes")


@app.command()
def address(file_id: FileId, config: Config = None, *, seconds: Seconds = None) -> None:
    """Print a signed address of a file: whoever has it can fetch the file until it expires."""
    row, _ = run(show_file(settings_of(config).journal, file_id))
    if row.removed_at is not None:
        fail("The file's content is gone: it expired, or was erased.")
    typer.echo(_addresses(config).to_fetch(file_id, seconds))


@app.command()
def upload_address(
    source: Annotated[
        str, typer.Option(callback=not_empty, help="The source of the events that will refer to it.")
    ],
    config: Config = None,
    *,
    seconds: Seconds = None,
) -> None:
    """Print a signed address to which files of a source can be uploaded until it expires (docs/files.md)."""
    typer.echo(_addresses(config).to_upload(source, seconds))


def _built(config: Path | None) -> BuiltFiles:
    try:
        built = build_files(settings_of(config), SystemClock())
    except ConfigurationError as bad:
        fail("; ".join(bad.problems), WRONG_USE)
    return built or fail("The configuration has no section `files`.", WRONG_USE)


def _addresses(config: Path | None) -> FileAddresses:
    return _built(config).addresses or fail("The configuration has no `files.signed_urls`.", WRONG_USE)


async def _fetched(built: BuiltFiles, file_id: str, to: Path, by: str) -> int:
    store, size = built.store, 0
    try:
        found = await store.find(file_id)
        if found is None:
            raise ActFailed("The store has no such file, or its content is gone.")
        access = await store.accesses.begin(file_id, "fetch", by, found.owner.source)
        with to.open("wb") as file:
            async for piece in store.read(file_id):
                file.write(piece)
                size += len(piece)
        await store.accesses.end(access, size, complete=True)
    except (FileStoreOutage, NoSuchFile) as error:
        raise ActFailed(f"The file cannot be read: {error}.") from None
    finally:
        await store.close()
    return size


def _line(row: FileRow) -> tuple[object, ...]:
    content = "removed" if row.removed_at else row.backend
    return row.id, row.submission_id, row.media_type, row.size, row.stored_at, row.expires_at, content
