"""Add video, detail and viral metrics: unknown in rows of older snapshots."""

from alembic import op

revision = "0005"
down_revision = "0004"

COLUMNS = (
    ("video_starts", "bigint"),
    ("video_views", "bigint"),
    ("video_first_quartile_completions", "bigint"),
    ("video_midpoint_completions", "bigint"),
    ("video_third_quartile_completions", "bigint"),
    ("video_completions", "bigint"),
    ("full_screen_plays", "bigint"),
    ("video_watch_time", "bigint"),
    ("document_first_quartile_completions", "bigint"),
    ("document_midpoint_completions", "bigint"),
    ("document_third_quartile_completions", "bigint"),
    ("document_completions", "bigint"),
    ("download_clicks", "bigint"),
    ("reactions", "bigint"),
    ("company_page_clicks", "bigint"),
    ("text_url_clicks", "bigint"),
    ("action_clicks", "bigint"),
    ("ad_unit_clicks", "bigint"),
    ("other_engagements", "bigint"),
    ("valid_work_email_leads", "bigint"),
    ("qualified_leads", "bigint"),
    ("message_lead_shares", "bigint"),
    ("message_lead_clicks", "bigint"),
    ("headline_clicks", "bigint"),
    ("subscription_clicks", "bigint"),
    ("registrations", "numeric(38, 18)"),
    ("job_applications", "numeric(38, 18)"),
    ("job_apply_clicks", "numeric(38, 18)"),
    ("card_clicks", "bigint"),
    ("viral_impressions", "bigint"),
    ("viral_clicks", "bigint"),
    ("viral_one_click_leads", "bigint"),
    ("viral_total_engagements", "bigint"),
)


def upgrade() -> None:
    added = ", ".join(f"add column {name} {kind}" for name, kind in COLUMNS)
    for table in ("campaign_daily_metrics", "creative_daily_metrics"):
        op.execute(f"alter table {table} {added}")
