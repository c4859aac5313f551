"""The example of the settings, `.env.example`: every setting with its default and the reason for it."""

from __future__ import annotations

import re
from typing import Any

from workbench.settings.fields import Settings

_TEXT = """\
# Every setting, with its default and the reason for it. `workbench init` writes `.env`; or copy this file to `.env` and
# keep what you change.
# The environment wins over this file; an empty value means unset. Relative paths are relative to this file.

# --- Database -----------------------------------------------------------------------------------------------------
# Nothing set: an embedded PostgreSQL in WORKBENCH_HOME, started when it is needed, stopped with its last user.
# A URL wins over the parts below. PostgreSQL 15 or newer, reached directly (no transaction pooler: a sync holds a
# session lock), encoded in UTF-8. It may say all that libpq allows: several hosts, sslmode, service, application_name …
# libpq's own variables (PGHOST, PGSSLMODE …) are not read, but for PGPASSFILE, PGSERVICEFILE and PGSYSCONFDIR.
# Characters such as / @ # % in a password are written %2F %40 %23 %25 here; POSTGRES_PASSWORD takes them as they are.
DATABASE_URL=
# POSTGRES_HOST decides: set, these parts are used.
POSTGRES_HOST=
POSTGRES_PORT=
POSTGRES_USER=
POSTGRES_PASSWORD=
POSTGRES_DB=
# The schema of our tables in that database, which other applications may use too. Two installations in one database
# have two schemas. Lower-case letters, digits and underscores.
DATABASE_SCHEMA=

# --- LinkedIn -----------------------------------------------------------------------------------------------------
# From the Auth tab of your app at LinkedIn's developer portal. Both are needed to sign in.
LINKEDIN_CLIENT_ID=
LINKEDIN_CLIENT_SECRET=
# Must be registered in the Auth tab exactly like this, port included.
LINKEDIN_REDIRECT_URI=
# Asking for other scopes than last time invalidates every earlier token. Add r_organization_social to name ads by
# their posts, if the app has the Community Management product, and r_marketing_leadgen_automation to list lead forms,
# if it has Lead Sync.
LINKEDIN_SCOPES=
# YYYYMM; LinkedIn retires a version about a year after it appeared. `workbench status` counts the days.
LINKEDIN_VERSION=
# Only these ad accounts, separated by commas; all that the member can see otherwise.
LINKEDIN_ACCOUNT_IDS=
# Requests at a time and a second; LinkedIn publishes no limit, and these have been safe.
LINKEDIN_CONCURRENCY=
LINKEDIN_REQUESTS_PER_SECOND=
# Default: token.json in WORKBENCH_HOME. Keep it out of any repository.
LINKEDIN_TOKEN_FILE=
# A token made elsewhere: wins over the file, is never stored or renewed, and needs no client id.
LINKEDIN_ACCESS_TOKEN=
# Origins; others than LinkedIn's own are only allowed on loopback (the sandbox).
LINKEDIN_API_URL=
LINKEDIN_OAUTH_URL=

# --- Syncing ------------------------------------------------------------------------------------------------------
# Days before today that should be covered, today's partial day included.
SYNC_DAYS=
# Days that every sync asks for again: LinkedIn restates conversions that long.
LOOKBACK_DAYS=
# An account whose last complete sync is younger is skipped; 0 never skips.
FRESHNESS_TTL_MINUTES=
# Only campaigns in these states, such as ACTIVE,PAUSED. Empty: all, so that finished campaigns keep their spend.
CAMPAIGN_STATUSES=
# What a sync asks for beyond the core metrics: video (videos and documents, where an account has such ads), detail and
# viral (more of what people did), placement (ad sets by serving location), conversions
# (rules, and what each counted), months (in a sync that reaches back more than half a year, whose days LinkedIn may no
# longer give), reach (of windows of days), audiences (what DEMOGRAPHICS_BY names). Default: all.
# `core` asks for nothing beyond it.
METRIC_GROUPS=
# Whose audiences a sync asks for. Accounts: always. campaign_group, campaign: the five that spent most in each account.
# Ids: these campaign groups and campaigns. Each entity costs eight requests in every sync, and METRIC_GROUPS must hold
# audiences. Default: account.
DEMOGRAPHICS_BY=
# Campaigns a call, where a whole account is too large for one (at most 90, or the address gets too long).
METRICS_BATCH_SIZE=

# --- Places -------------------------------------------------------------------------------------------------------
# Embedded database, token and logs. Default: your user's data folder.
WORKBENCH_HOME=
# The history: one folder a sync. Back it up; nothing else holds what LinkedIn said. Or object storage:
# s3://bucket/prefix, gs://bucket/prefix, az://account/container/prefix; it needs the extra object-storage.
SNAPSHOT_DIR=
# SQL files of your own, which are asked like those that ship with the workbench. Default: questions in WORKBENCH_HOME.
WORKBENCH_QUESTIONS=
# Notebooks of your own, which stand beside the pages of the workbench. Default: notebooks in WORKBENCH_HOME.
WORKBENCH_NOTEBOOKS=
# A TOML file with what was agreed to, thresholds of `workbench check` and monthly budgets. Default: plan.toml in
# WORKBENCH_HOME.
WORKBENCH_PLAN=
# How much the log files hold: DEBUG, INFO, WARNING or ERROR.
LOG_LEVEL=
# Default: logs in WORKBENCH_HOME.
LOG_DIR=
"""
"""What is said about each setting. The defaults come from `Settings`."""


def example() -> str:
    """The text of `.env.example`, without its last line end."""
    filled = re.sub(r"^([A-Z_]+)=$", lambda found: f"{found[1]}={default(found[1])}", _TEXT, flags=re.MULTILINE)
    return filled.rstrip("\n")


def default(name: str) -> str:
    """The default of a setting as it is written in a `.env` file; "" where it is unset."""
    return written(Settings.model_fields[name].default)


def written(value: Any) -> str:
    """A value of a setting as it is written in a `.env` file."""
    if value is None or value == ():
        return ""
    return " ".join(map(str, value)) if isinstance(value, tuple) else str(value)
