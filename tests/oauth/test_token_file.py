"""The token file is private, whole, and refused when it is not."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from oauth_server import ACCESS, REFRESH, a_token, store

from workbench.errors import AuthenticationError, StorageError, WorkbenchError
from workbench.linkedin.auth.token_file import TokenFile
from workbench.settings.fields import Settings

pytestmark = pytest.mark.anyio


async def test_a_token_comes_back_as_it_was_written(settings: Settings) -> None:
    token = a_token()

    file = await store(settings, token)

    assert file.read() == token


@pytest.mark.parametrize("umask", [0o000, 0o777])
async def test_the_file_is_0600_in_a_0700_folder_whatever_the_umask(settings: Settings, umask: int) -> None:
    before = os.umask(umask)
    try:
        await store(settings, a_token())
    finally:
        os.umask(before)

    path = settings.token_file
    modes = {p.name: stat.S_IMODE(p.stat().st_mode) for p in (path, path.parent, path.with_name("token.json.lock"))}
    assert modes == {"token.json": 0o600, "home": 0o700, "token.json.lock": 0o600}


async def test_a_folder_that_was_there_keeps_its_mode(make_settings: Callable[..., Settings], tmp_path: Path) -> None:
    folder = tmp_path / "theirs"
    folder.mkdir()
    folder.chmod(0o755)

    await store(make_settings(LINKEDIN_TOKEN_FILE=folder / "token.json"), a_token())

    assert stat.S_IMODE(folder.stat().st_mode) == 0o755


async def test_a_folder_where_anybody_may_replace_files_is_refused(settings: Settings) -> None:
    settings.token_file.parent.mkdir()
    settings.token_file.parent.chmod(0o777)

    with pytest.raises(StorageError, match="chmod o-w"):
        await store(settings, a_token())


async def test_no_file_is_no_token(settings: Settings) -> None:
    assert TokenFile(settings.token_file).read() is None


async def test_a_file_that_others_may_read_is_refused_with_the_command_that_helps(settings: Settings) -> None:
    file = await store(settings, a_token())
    settings.token_file.chmod(0o640)

    with pytest.raises(StorageError, match=f"chmod 600 {settings.token_file}"):
        file.read()


async def test_a_symbolic_link_is_refused(settings: Settings, tmp_path: Path) -> None:
    file = await store(settings, a_token())
    settings.token_file.rename(tmp_path / "elsewhere.json")
    settings.token_file.symlink_to(tmp_path / "elsewhere.json")

    with pytest.raises(StorageError, match="symbolic link"):
        file.read()


async def test_signing_in_replaces_a_symbolic_link_and_spares_its_target(settings: Settings, tmp_path: Path) -> None:
    target = tmp_path / "theirs.json"
    target.write_text("theirs")
    settings.token_file.parent.mkdir()
    settings.token_file.symlink_to(target)

    file = await store(settings, a_token())

    assert (file.read(), target.read_text()) == (a_token(), "theirs")


async def test_a_pipe_in_its_place_does_not_hang_us(settings: Settings) -> None:
    settings.token_file.parent.mkdir()
    os.mkfifo(settings.token_file, 0o600)

    with pytest.raises(StorageError, match="is not a file"):
        TokenFile(settings.token_file).read()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
async def test_a_file_of_another_user_is_refused(settings: Settings) -> None:
    file = await store(settings, a_token())
    os.chown(settings.token_file, 65534, 65534)

    with pytest.raises(StorageError, match="belongs to another user"):
        file.read()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"\xff\xfe",
        b'{"access_token": "%s"}' % ACCESS.encode(),
        a_token().as_json().encode()[:-20],
        a_token().as_json().replace(ACCESS, ACCESS + "\\n").encode(),
        a_token().as_json().replace("+00:00", "").replace("Z", "").encode(),
    ],
)
async def test_a_file_without_a_whole_token_says_sign_in_again(settings: Settings, content: bytes) -> None:
    file = await store(settings, a_token())
    settings.token_file.write_bytes(content)

    with pytest.raises(AuthenticationError, match="auth login") as caught:
        file.read()

    _tells_nothing(caught.value)


async def test_a_failed_write_leaves_the_old_token(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    file = await store(settings, a_token())

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("workbench.files.os.fsync", full)
    with pytest.raises(StorageError, match="No space left on device") as caught:
        await store(settings, a_token(client_id="client-2"))
    monkeypatch.undo()

    assert file.read() == a_token()
    _tells_nothing(caught.value)


async def test_what_a_killed_writer_left_behind_is_replaced(settings: Settings) -> None:
    await store(settings, a_token())
    leftover = settings.token_file.with_name("token.json.unfinished")
    leftover.write_text("half")

    file = await store(settings, a_token(client_id="client-2"))

    assert (file.read(), leftover.exists()) == (a_token(client_id="client-2"), False)


async def test_removing_twice_is_removing_once(settings: Settings) -> None:
    file = await store(settings, a_token())

    assert [await file.remove(), await file.remove(), file.read()] == [True, False, None]


async def test_removing_where_nothing_was_makes_no_folder(settings: Settings) -> None:
    assert not await TokenFile(settings.token_file).remove()
    assert not settings.token_file.parent.exists()


async def test_a_token_never_shows_its_secrets(settings: Settings) -> None:
    shown = f"{a_token()!r} {a_token()} {a_token().model_dump_json()}"

    assert ACCESS not in shown
    assert REFRESH not in shown


def _tells_nothing(error: WorkbenchError) -> None:
    shown = f"{error} {error!r} {error.as_dict()} {error.__cause__!r} {error.__context__!r}"
    assert ACCESS not in shown
    assert REFRESH not in shown
