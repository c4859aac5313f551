"""Messages: told once a day to each target, secrets from environment or file alone, nothing sent with --dry-run."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from sync.installation import Installation

from workbench.answers.check import check
from workbench.answers.inputs import Asker
from workbench.answers.plan import Plan
from workbench.cli.app import main
from workbench.errors import ConfigurationError
from workbench.queries.api import Queries
from workbench.reports.messages import Item, body_of, send, targets_of

DAY = date(2026, 11, 22)
CANARY = "s3cr3t-canary"
CHECK = ("check", "--source", "sample", "--as-of", "2026-11-22", "--format", "json")


@dataclass
class Webhook:
    """What a webhook on loopback was sent."""

    port: int = 0
    status: int = 200
    bodies: list[dict[str, Any]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)

    @property
    def address(self) -> str:
        return f"json://127.0.0.1:{self.port}/hook"


@pytest.fixture
def webhook() -> Iterator[Webhook]:
    seen = Webhook()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            seen.bodies.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            seen.paths.append(self.path)
            self.send_response(seen.status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *arguments: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        seen.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield seen
        server.shutdown()
        thread.join()


def run(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    code = 0
    try:
        main(list(words))
    except SystemExit as ended:
        code = int(ended.code or 0)
    said = capsys.readouterr()
    return code, said.out, said.err


def test_the_same_finding_is_told_once_a_day_and_a_new_one_at_once(webhook: Webhook, tmp_path: Path) -> None:
    targets = targets_of([webhook.address], {})
    one, two = Item("spend_drop 1 7", "It fell."), Item("no_result 1 8", "No lead.")

    for items in ([one], [one], [one, two]):
        send(targets, "Title", items, home=tmp_path, today=DAY)
    assert [body["message"] for body in webhook.bodies] == ["- It fell.", "- No lead."]
    send(targets, "Title", [one], home=tmp_path, today=DAY + timedelta(1))
    assert len(webhook.bodies) == 3
    assert oct((tmp_path / "notified.json").stat().st_mode)[-3:] == "600"
    assert len(json.loads((tmp_path / "notified.json").read_text())) == 1  # earlier days are forgotten


def test_what_was_not_delivered_is_told_next_time(webhook: Webhook, tmp_path: Path) -> None:
    targets = targets_of([webhook.address], {})
    webhook.status = 500
    (failed,) = send(targets, "Title", [Item("a", "One")], home=tmp_path, today=DAY)
    webhook.status = 200
    (sent,) = send(targets, "Title", [Item("a", "One")], home=tmp_path, today=DAY)

    assert (failed.told, bool(failed.trouble), sent.told, sent.trouble) == (0, True, 1, "")


@pytest.mark.slow  # a sync for each day
def test_over_days_each_finding_is_told_once_a_day_however_often_the_check_runs(
    installation: Installation, webhook: Webhook, tmp_path: Path
) -> None:
    installation.first_sync()
    targets, expected = targets_of([webhook.address], {}), 0
    for _ in range(2):
        installation.sandbox.advance(1)
        assert installation.sync(force=True).status in ("done", "partial")
        settings = installation.settings()
        queries = Queries(lambda settings=settings: settings)
        found = check(Asker(queries, "database"), Plan(), today=installation.today)
        queries.close()
        said = (*found.findings, *found.cannot_tell)
        items = [Item(one.key, one.text) for one in said]
        for _ in range(3):
            send(targets, "Title", items, home=tmp_path, today=installation.today)
        expected += len({one.key for one in said})
        assert sum(body["message"].count("\n") + 1 for body in webhook.bodies) == expected
        assert found.exit_code == (1 if found.findings else 2 if found.cannot_tell else 0)
    assert expected > 0


def test_a_secret_is_taken_from_the_environment_or_a_private_file_only(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="does not belong on the command line"):
        targets_of([f"mailto://me:{CANARY}@example.com"], {})
    (target,) = targets_of(["mailto://me:${MAIL}@example.com"], {"MAIL": CANARY})
    assert CANARY in target.address
    assert CANARY not in target.shown
    with pytest.raises(ConfigurationError) as refused:
        targets_of(["mailto://me:${MAIL}@example.com"], {})
    assert "no variable MAIL" in refused.value.why
    file = tmp_path / "targets"
    file.write_text(f"# mail\n\nmailto://me:{CANARY}@example.com\n")
    file.chmod(0o644)
    with pytest.raises(ConfigurationError, match="are not used"):
        targets_of([f"@{file}"], {})
    file.chmod(0o600)
    assert [one.address for one in targets_of([f"@{file}"], {})] == [f"mailto://me:{CANARY}@example.com"]
    with pytest.raises(ConfigurationError) as refused:
        targets_of(["nonsense://${MAIL}"], {"MAIL": CANARY})
    assert CANARY not in str(refused.value)


def test_names_call_no_person_of_a_chat() -> None:
    said = body_of([Item("a", "<!channel> @here <https://example.com|click>")])
    assert not set("<>") & set(said)
    assert "@here" not in said


def test_a_name_forges_no_line_of_a_message_and_becomes_no_link(webhook: Webhook, tmp_path: Path) -> None:
    name = "Spring\n- All is well\u2028\u202e\x1b[31m https://evil.example"
    send(targets_of([webhook.address], {}), name, [Item("a", name), Item("b", "two")], home=tmp_path, today=DAY)
    (sent,) = webhook.bodies
    assert len(sent["message"].splitlines()) == 2
    assert len(sent["title"].splitlines()) == 1
    for text in (sent["message"], sent["title"]):
        assert not set("\u2028\u202e\x1b") & set(text)
        assert "https://" not in text


@pytest.mark.slow  # a home of its own opens the snapshots anew
def test_the_check_tells_its_findings_once_and_keeps_its_exit_code(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, webhook: Webhook, tmp_path: Path
) -> None:
    monkeypatch.setenv("WORKBENCH_HOME", str(tmp_path / "home"))
    code, _, said = run(capsys, *CHECK, "--notify", webhook.address, "--dry-run")
    assert (code, webhook.bodies, "Would send" in said) == (1, [], True)
    assert not (tmp_path / "home" / "notified.json").exists()

    code, out, said = run(capsys, *CHECK, "--notify", webhook.address)
    findings = json.loads(out)["findings"]
    assert (code, said.count("Sent to JSON.")) == (1, True)
    assert all(one["sentence"] in webhook.bodies[0]["message"] for one in findings)
    code, _, said = run(capsys, *CHECK, "--notify", webhook.address)
    assert (code, said, len(webhook.bodies)) == (1, "", 1)

    webhook.status = 500
    (tmp_path / "home" / "notified.json").unlink()
    code, _, said = run(capsys, *CHECK, "--notify", webhook.address)
    assert (code, "Not sent to" in said) == (70, True)


def test_a_check_that_needs_no_one_sends_nothing(capsys: pytest.CaptureFixture[str], webhook: Webhook) -> None:
    _, out, _ = run(capsys, *CHECK)
    facts = json.loads(out)
    noisy = {one["account_id"] for one in facts["findings"]}
    quiet = next(one["account_id"] for one in facts["certificate"] if one["account_id"] not in noisy)
    code, _, said = run(capsys, *CHECK, "--account", str(quiet), "--notify", webhook.address)
    assert (code, said, webhook.bodies) == (0, "", [])


@pytest.mark.slow
def test_a_report_is_told_with_its_sentence(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, webhook: Webhook, tmp_path: Path
) -> None:
    monkeypatch.setenv("WORKBENCH_HOME", str(tmp_path / "home"))
    words = ("report", "--source", "sample", "--account", "508310000", "--output", str(tmp_path / "november.xlsx"))
    for _ in range(2):
        code, out, _ = run(capsys, *words, "--notify", webhook.address)
        assert code == 0
    (body,) = webhook.bodies
    assert out.splitlines()[1] in body["message"]
    assert [one["filename"] for one in body["attachments"]] == ["november.xlsx"]
