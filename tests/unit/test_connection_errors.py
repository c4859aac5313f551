"""What the database refuses is told with a reason and a next step, and the exit code says whether waiting helps."""

from __future__ import annotations

import psycopg
import pytest

from workbench.database.connection_errors import storage_error

AT_SIGN_IN = 'connection failed: connection to server at "127.0.0.1", port 5432 failed: '


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("bad value for connect_timeout: 'abc'", 78),
        ('connection is bad: invalid sslmode value: "bogus"', 78),
        ('connection is bad: definition of service "nope" not found', 78),
        ('FATAL:  unrecognized configuration parameter "nosuch"', 78),
        ("FATAL:  unsupported startup parameter in options: jit", 78),
        ("server does not support SSL, but SSL was required", 78),
        ('root certificate file "/nope" does not exist', 78),
        ('FATAL:  password authentication failed for user "app"', 78),
        ("FATAL:  no such database: nope", 78),  # PgBouncer's words, as the next two
        ('FATAL:  "trust" authentication failed', 78),
        ("FATAL:  SASL authentication failed", 78),
        ("Connection refused", 70),
        ("SSL SYSCALL error: EOF detected", 70),
        ("FATAL:  the database system is starting up", 70),
        ("session is read-only", 70),
        ('FATAL:  too many connections for role "app"', 70),
        ("FATAL:  sorry, too many clients already", 70),
    ],
)
def test_what_will_happen_again_is_an_error_of_the_settings(said: str, code: int) -> None:
    error = storage_error(psycopg.OperationalError(AT_SIGN_IN + said), "db/ads", "DATABASE_URL (environment)", "app")

    assert error.exit_code == code
    assert (error.next_step == "Correct DATABASE_URL (environment).") is (code == 78)
    assert ("Try again in a moment" in error.next_step) is ("too many" in said)
    assert '"app"' not in error.why or "too many" in said


def test_a_user_that_may_not_connect_gets_the_sql_for_an_administrator() -> None:
    said = AT_SIGN_IN + 'FATAL:  permission denied for database "ads"\nDETAIL:  User does not have CONNECT privilege.'

    error = storage_error(psycopg.OperationalError(said), "db/ads", "DATABASE_URL (environment)", 'o"dd')

    assert error.exit_code == 78
    assert 'grant connect on database "ads" to "o""dd";' in error.next_step


def test_an_error_of_sql_is_none_of_the_settings() -> None:
    assert storage_error(psycopg.errors.SyntaxError("invalid value for parameter"), "db/ads").exit_code == 70
