"""Add lead forms, what ads show, and the signed-in member's role: unknown in rows of older snapshots."""

from alembic import op

revision = "0009"
down_revision = "0008"

STATEMENTS = (
    """
    create table lead_forms (
        account_id bigint,
        lead_form_id bigint,
        name text,
        status text,
        created_at timestamptz,
        last_modified_at timestamptz,
        listed boolean not null,
        snapshot text not null,
        synced_at timestamptz not null,
        primary key (account_id, lead_form_id)
    )
    """,
    "alter table ad_accounts add column role text",
    """
    alter table creatives
        add column lead_form_id bigint,
        add column format text,
        add column introductory_text text,
        add column headline text,
        add column landing_page text,
        add column utm_source text,
        add column utm_medium text,
        add column utm_campaign text,
        add column utm_term text,
        add column utm_content text
    """,
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
