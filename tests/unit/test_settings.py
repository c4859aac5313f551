"""Settings: where they are found, what they may be, and that no message shows a value."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import platformdirs
import pytest
from psycopg.conninfo import conninfo_to_dict

from workbench import paths
from workbench.errors import ConfigurationError
from workbench.settings import home as settings_home
from workbench.settings.fields import ReaderSettings, Settings, read_settings
from workbench.settings.home import APP

CANARY = "CANARY-value-that-no-message-shows"


@pytest.fixture
def env(tmp_path: Path) -> Any:
    """Write the `.env` of a folder."""

    def write(*lines: str, folder: Path = tmp_path) -> Path:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / ".env").write_text("\n".join(lines), encoding="utf-8")
        return folder

    return write


@pytest.fixture
def without_checkout(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paths, "CHECKOUT", None)
    monkeypatch.setattr(settings_home, "CHECKOUT", None)


def test_the_environment_wins_over_the_file_and_the_file_over_the_default(
    env: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    env("SYNC_DAYS=7", "LOOKBACK_DAYS=8")
    monkeypatch.setenv("SYNC_DAYS", "9")
    found = read_settings(Settings)
    assert (found.SYNC_DAYS, found.LOOKBACK_DAYS, found.FRESHNESS_TTL_MINUTES) == (9, 8, 240)


def test_the_nearest_file_upward_is_the_only_one_read(env: Any, tmp_path: Path) -> None:
    env("SYNC_DAYS=7", "LOOKBACK_DAYS=8")
    env("SYNC_DAYS=5", folder=tmp_path / "a")
    (tmp_path / "a/b/c").mkdir(parents=True)
    found = read_settings(Settings, start=tmp_path / "a/b/c")
    assert (found.env_file, found.SYNC_DAYS, found.LOOKBACK_DAYS) == (tmp_path / "a/.env", 5, 30)


def test_without_a_file_above_the_checkouts_is_read(env: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paths, "CHECKOUT", env("SYNC_DAYS=6", folder=tmp_path / "checkout"))
    (tmp_path / ".env").unlink()
    (tmp_path / "elsewhere").mkdir()
    assert read_settings(Settings, start=tmp_path / "elsewhere").SYNC_DAYS == 6


def test_an_empty_value_means_unset_everywhere(env: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    env(*(f"{name}=" for name in Settings.model_fields if name.isupper()))
    from_file = read_settings(Settings)
    for name in Settings.model_fields:
        if name.isupper():
            monkeypatch.setenv(name, "")
    assert from_file == read_settings(Settings) == Settings(env_file=from_file.env_file)


def test_relative_paths_are_relative_to_the_file(env: Any, tmp_path: Path) -> None:
    env("SNAPSHOT_DIR=kept/snapshots", "LOG_DIR=logs", "WORKBENCH_HOME=home", "LINKEDIN_TOKEN_FILE=t.json")
    (tmp_path / "deep").mkdir()
    found = read_settings(Settings, start=tmp_path / "deep")
    assert (found.snapshot_dir, found.log_dir, found.home, found.token_file) == (
        tmp_path / "kept/snapshots",
        tmp_path / "logs",
        tmp_path / "home",
        tmp_path / "t.json",
    )


def test_without_a_file_they_are_relative_to_the_checkout_else_to_the_home(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings_home, "CHECKOUT", tmp_path / "checkout")
    assert Settings().snapshot_dir == tmp_path / "checkout/snapshots"
    monkeypatch.setattr(settings_home, "CHECKOUT", None)
    assert Settings().snapshot_dir == Path(platformdirs.user_data_dir(APP, appauthor=False)) / "snapshots"


def test_a_tilde_is_the_persons_home(env: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "me"))
    env("SNAPSHOT_DIR=~/snapshots")
    assert read_settings(Settings).snapshot_dir == tmp_path / "me/snapshots"


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("512345678", (512345678,)),
        ("1,2, 3  4", (1, 2, 3, 4)),
        ("urn:li:sponsoredAccount:512345678,7,", (512345678, 7)),
        (" , ", ()),
    ],
)
def test_account_ids_may_be_lists_and_urns(env: Any, text: str, ids: tuple[int, ...]) -> None:
    env(f'LINKEDIN_ACCOUNT_IDS="{text}"')
    assert ids == read_settings(Settings).LINKEDIN_ACCOUNT_IDS


def test_lists_of_words_take_commas_and_blanks(env: Any) -> None:
    env('CAMPAIGN_STATUSES="ACTIVE, PAUSED,"', 'LINKEDIN_SCOPES="r_ads  r_ads_reporting"')
    found = read_settings(Settings)
    assert (found.CAMPAIGN_STATUSES, found.LINKEDIN_SCOPES) == (("ACTIVE", "PAUSED"), ("r_ads", "r_ads_reporting"))


@pytest.mark.parametrize(
    "url",
    [
        "https://api.linkedin.com", "https://api.linkedin.com/", "http://localhost:8000", "http://127.0.0.1:9",
        "https://[::1]:9", "http://LOCALHOST:1",
    ],
)  # fmt: skip
def test_linkedin_itself_and_loopback_may_be_asked(env: Any, url: str) -> None:
    env(f"LINKEDIN_API_URL={url}")
    assert url.rstrip("/") == read_settings(Settings).LINKEDIN_API_URL


@pytest.mark.parametrize(
    "url",
    [
        "http://api.linkedin.com", "https://api.linkedin.com.evil.example", "https://evil.example/api.linkedin.com",
        "https://api.linkedin.com@evil.example", "https://api.linkedin.com/rest", "http://127.0.0.1.evil.example",
        "http://localhost:1/x", "http://me@localhost:1", "ftp://localhost", "localhost:8000", "http://[::1",
        "//localhost", "http://10.0.0.1", "http://0.0.0.0:80",
    ],
)  # fmt: skip
def test_no_other_host_ever_gets_the_token(env: Any, url: str) -> None:
    env(f"LINKEDIN_API_URL={url}")
    with pytest.raises(ConfigurationError, match="settings") as refused:
        read_settings(Settings)
    assert "LINKEDIN_API_URL" in refused.value.why


@pytest.mark.parametrize(
    "uri",
    [
        "callback", "ftp://localhost/", "ftp://x", "javascript:alert(1)", "//localhost/x", "http://",
        "http://localhost:99999/", "http://localhost:0/", "http://localhost:port/", "http://[x", "http://localhost/#a",
        "'http://localhost/a b'",
    ],
)  # fmt: skip
def test_a_redirect_address_that_no_browser_is_sent_to_is_refused(env: Any, uri: str) -> None:
    env(f"LINKEDIN_REDIRECT_URI={uri}")
    with pytest.raises(ConfigurationError, match="settings cannot be used") as refused:
        read_settings(Settings)
    assert "LINKEDIN_REDIRECT_URI" in refused.value.why
    assert "http or https URL" in refused.value.why


NUMBERS = [name for name, field in Settings.model_fields.items() if field.annotation in (int, float)]


@pytest.mark.parametrize("name", NUMBERS)
@pytest.mark.parametrize("value", ["inf", "-inf", "nan", "-1", "1e400", "1e-400", "1" + "0" * 20, "1" * 5000, "0x10"])
def test_a_number_that_is_none_or_beyond_what_it_can_be_is_refused(env: Any, name: str, value: str) -> None:
    env(f"{name}={value}")
    with pytest.raises(ConfigurationError, match="settings cannot be used") as refused:
        read_settings(Settings)
    assert refused.value.why.startswith(name)
    assert len(refused.value.why) < 300


def test_numbers_of_every_kind_are_among_those_that_are_tried() -> None:
    assert {"POSTGRES_PORT", "FRESHNESS_TTL_MINUTES", "LINKEDIN_REQUESTS_PER_SECOND"} <= set(NUMBERS)


BAD = {
    "POSTGRES_PORT": CANARY,
    "SYNC_DAYS": f"-1{CANARY}",
    "LINKEDIN_VERSION": CANARY,
    "LINKEDIN_ACCOUNT_IDS": f"1,{CANARY}",
    "LINKEDIN_CONCURRENCY": f"4.5{CANARY}",
    "LINKEDIN_OAUTH_URL": f"https://{CANARY}.example",
    "LOG_LEVEL": CANARY,
    "METRICS_BATCH_SIZE": CANARY,
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_value_is_named_by_its_variable_and_never_shown(env: Any, name: str, tmp_path: Path) -> None:
    env(f"{name}={BAD[name]}", f"LINKEDIN_CLIENT_SECRET={CANARY}")
    with pytest.raises(ConfigurationError) as refused:
        read_settings(Settings)
    error = refused.value
    assert name in error.why
    assert str(tmp_path / ".env") in error.next_step
    assert CANARY not in f"{error} {error.__cause__} {error.as_dict()}"
    assert error.__suppress_context__
    assert error.exit_code == 78


@pytest.mark.parametrize("content", [b"SYNC_DAYS=\xff\xfe", "NAME=Zoë".encode("latin-1")])
def test_a_file_that_is_no_text_is_named(tmp_path: Path, content: bytes) -> None:
    (tmp_path / ".env").write_bytes(content)
    with pytest.raises(ConfigurationError, match="cannot be read") as refused:
        read_settings(Settings)
    assert refused.value.why == f"{tmp_path / '.env'} is not UTF-8 text."


def test_no_secret_shows_in_a_repr(env: Any) -> None:
    secrets = ("DATABASE_URL", "POSTGRES_PASSWORD", "LINKEDIN_CLIENT_SECRET", "LINKEDIN_ACCESS_TOKEN")
    env(*(f"{name}={CANARY}" for name in secrets))
    found = read_settings(Settings)
    assert CANARY not in f"{found!r} {found} {found.model_dump()} {found.model_dump_json()}"


def test_a_reading_process_holds_nothing_of_linkedins(env: Any) -> None:
    env(f"LINKEDIN_CLIENT_SECRET={CANARY}", f"LINKEDIN_ACCESS_TOKEN={CANARY}", "SYNC_DAYS=7")
    found = read_settings(ReaderSettings)
    assert found.SYNC_DAYS == 7
    assert CANARY not in str({**found.model_dump(), **(found.__pydantic_extra__ or {})})


@pytest.mark.parametrize(
    ("lines", "parts"),
    [
        ([], None),
        (["POSTGRES_HOST=db"], {"host": "db", "port": "5432", "user": "app", "dbname": "linkedin_ads"}),
        (
            [
                "POSTGRES_HOST=db",
                "POSTGRES_PORT=1",
                "POSTGRES_USER=me",
                "POSTGRES_PASSWORD=a/b@c:d",
                "POSTGRES_DB=x",
            ],
            {"host": "db", "port": "1", "user": "me", "password": "a/b@c:d", "dbname": "x"},
        ),
        (
            ["DATABASE_URL=postgres://u:p@h/d", "POSTGRES_HOST=db"],
            {"host": "h", "user": "u", "password": "p", "dbname": "d"},
        ),
        (["DATABASE_URL=postgresql+asyncpg://:p%40 x@h/d"], {"host": "h", "password": "p@ x", "dbname": "d"}),
        (
            ["DATABASE_URL=postgresql+psycopg://u@h:1/d?sslmode=require"],
            {"host": "h", "port": "1", "user": "u", "dbname": "d", "sslmode": "require"},
        ),
    ],
)
def test_the_database_is_the_url_else_the_parts_else_the_embedded_one(
    env: Any, lines: list[str], parts: dict[str, str] | None
) -> None:
    env(*lines)
    found = read_settings(Settings).conninfo
    assert (conninfo_to_dict(found) if found else None) == parts


@pytest.mark.parametrize("url", [f"mysql://u:{CANARY}@h/d", CANARY, f"postgres://u:{CANARY}@h:port/d", "postgres"])
def test_a_url_of_no_postgresql_is_refused_without_being_shown(env: Any, url: str) -> None:
    env(f"DATABASE_URL={url}")
    with pytest.raises(ConfigurationError, match="DATABASE_URL cannot be used") as refused:
        _ = read_settings(Settings).conninfo
    error = refused.value
    assert CANARY not in f"{error} {error.as_dict()} {error.__context__ if not error.__suppress_context__ else ''}"


@pytest.mark.parametrize(
    "user_info",
    [
        f"u:{CANARY}@x", f"u:/{CANARY}", f"u:1/{CANARY}", f"u:{CANARY}?a@b", f"u:{CANARY}#/", f"u:{CANARY}%zz",
        f"u@me:{CANARY}", f"u:{CANARY}[/", f"u:@{CANARY}", f"u:{CANARY}@1:2/3?4#5",
    ],
)  # fmt: skip
@pytest.mark.parametrize("rest", ["h/d", "h:5432/d", "h1,h2/d?sslmode=require", "/d?host=/tmp"])
def test_a_password_that_is_not_encoded_is_recognised_and_not_shown(env: Any, user_info: str, rest: str) -> None:
    env(f"DATABASE_URL='postgresql://{user_info}@{rest}'")
    with pytest.raises(ConfigurationError, match="DATABASE_URL cannot be used") as refused:
        _ = read_settings(Settings).conninfo
    error = refused.value
    assert "another meaning in a URL" in error.why
    assert "%40" in error.next_step
    shown = f"{error} {error.as_dict()} {error.__context__ if not error.__suppress_context__ else ''}"
    assert not [part for part in (CANARY, CANARY[:6], "1:2") if part in shown]


@pytest.mark.parametrize(
    ("url", "parts"),
    [
        ("postgresql://u:a#b?c:d@h/d", {"host": "h", "user": "u", "password": "a#b?c:d", "dbname": "d"}),
        ("postgresql://u:p%2F%40@h/d%40x", {"host": "h", "user": "u", "password": "p/@", "dbname": "d@x"}),
        ("postgresql://h/d?application_name=a@b", {"host": "h", "dbname": "d", "application_name": "a@b"}),
        ("postgresql://?service=ads", {"service": "ads"}),
        (
            "postgresql://u@h1:1,h2:2/d?target_session_attrs=read-write",
            {"host": "h1,h2", "port": "1,2", "user": "u", "dbname": "d", "target_session_attrs": "read-write"},
        ),
        (
            "postgresql://u@h/d?connect_timeout=7&keepalives_idle=3&options=-c%20jit%3Doff",
            {
                "host": "h",
                "user": "u",
                "dbname": "d",
                "connect_timeout": "7",
                "keepalives_idle": "3",
                "options": "-c jit=off",
            },
        ),
    ],
)
def test_a_url_may_say_whatever_libpq_allows(env: Any, url: str, parts: dict[str, str]) -> None:
    env(f"DATABASE_URL='{url}'")
    assert conninfo_to_dict(read_settings(Settings).conninfo or "") == parts


def test_a_parameter_that_libpq_does_not_know_is_named(env: Any) -> None:
    env("DATABASE_URL=postgresql://h/d?pgbouncer=true")
    with pytest.raises(ConfigurationError, match="DATABASE_URL cannot be used") as refused:
        _ = read_settings(Settings).conninfo
    assert refused.value.why == "It has a parameter pgbouncer, which PostgreSQL's library does not know."


@pytest.mark.parametrize("value", ["ftp://bucket/snaps", "file:///data", "az:/x", " S3://b", "s3://", "s3://u:p@b/x"])
def test_snapshots_go_to_folders_and_to_three_kinds_of_object_storage_only(env: Any, value: str) -> None:
    env(f"SNAPSHOT_DIR='{value}'")
    with pytest.raises(ConfigurationError, match="settings cannot be used") as refused:
        read_settings(Settings)
    assert "SNAPSHOT_DIR" in refused.value.why
    assert "az://account/container/prefix" in refused.value.why
    assert "u:p@" not in str(refused.value)


@pytest.mark.parametrize("name", ["WORKBENCH_HOME", "LOG_DIR", "LINKEDIN_TOKEN_FILE"])
@pytest.mark.parametrize("value", ["s3://bucket/snaps", "gs://b", "file:///data", "az:/x", " S3://b"])
def test_a_url_is_no_path(env: Any, name: str, value: str) -> None:
    env(f"{name}='{value}'")
    with pytest.raises(ConfigurationError, match="settings cannot be used") as refused:
        read_settings(Settings)
    assert name in refused.value.why
    assert "not a URL" in refused.value.why


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("CAMPAIGN_STATUSES", "RUNNING", "ACTIVE, PAUSED"),
        ("CAMPAIGN_STATUSES", "ACTIVE;PAUSED", "separated by commas"),
        ("LINKEDIN_VERSION", "2026-07", "such as 202607"),
        ("LINKEDIN_VERSION", "202613", "such as 202607"),
        ("LINKEDIN_ACCOUNT_IDS", "1;2", "separated by commas"),
        ("LINKEDIN_ACCOUNT_IDS", "urn:li:organization:5", "separated by commas"),
        ("LINKEDIN_ACCOUNT_IDS", "-1", "separated by commas"),
        ("LINKEDIN_SCOPES", "r_ads;r_ads_reporting", "separated by commas or blanks"),
        ("LOG_LEVEL", "LOUD", "DEBUG, INFO"),
        ("SYNC_DAYS", "ninety", "valid integer"),
    ],
)
@pytest.mark.parametrize("in_file", [True, False])
def test_a_wrong_value_is_refused_in_words_that_name_where_it_stands(
    env: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str, words: str, in_file: bool
) -> None:
    if in_file:
        env(f"{name}='{value}'")
    else:
        monkeypatch.setenv(name, value)
    with pytest.raises(ConfigurationError, match="settings cannot be used") as refused:
        read_settings(Settings)
    place = str(tmp_path / ".env") if in_file else "environment"
    assert f"{name} ({place}): " in refused.value.why
    assert words in refused.value.why
    assert place in refused.value.next_step


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("LINKEDIN_ACCOUNT_ID", "LINKEDIN_ACCOUNT_IDS"),
        ("linkedin_account_ids", "LINKEDIN_ACCOUNT_IDS"),
        ("POSTGRES_DATABASE", "POSTGRES_"),
        ("DATABASE_URI", "DATABASE_URL"),
        ("SNAPSHOTS_DIR", "SNAPSHOT_DIR"),
        ("WORKBENCH_HOMES", "WORKBENCH_HOME"),
    ],
)
@pytest.mark.parametrize("in_file", [True, False])
def test_a_name_that_is_no_setting_is_an_error_with_the_likely_name(
    env: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, meant: str, in_file: bool
) -> None:
    if in_file:
        env(f"{name}={CANARY}", "SYNC_DAYS=7")
    else:
        monkeypatch.setenv(name, CANARY)
    with pytest.raises(ConfigurationError, match="no such setting") as refused:
        read_settings(ReaderSettings)
    place = str(tmp_path / ".env") if in_file else "environment"
    assert f"{name} ({place}) is none." in refused.value.why
    assert f"Probably {meant}" in refused.value.why
    assert refused.value.exit_code == 78
    assert CANARY not in str(refused.value)


def test_any_unknown_name_in_our_file_is_named_and_another_programs_file_is_left_alone(env: Any) -> None:
    env("SECRET_KEY=x", "DJANGO_DEBUG=1")
    assert read_settings(Settings).SYNC_DAYS == 90
    env("SECRET_KEY=x", "SYNC_DAYS=7")
    with pytest.raises(ConfigurationError, match="no such setting") as refused:
        read_settings(Settings)
    assert "SECRET_KEY" in refused.value.why


@pytest.mark.parametrize(
    "name", ["POSTGRES_INITDB_ARGS", "POSTGRES_SERVICE_HOST", "POSTGRES_PORT_5432_TCP_ADDR", "DATABASE_SERVICE_PORT_X"]
)
def test_variables_that_containers_set_are_left_alone(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(name, "x")
    assert read_settings(Settings).SYNC_DAYS == 90
