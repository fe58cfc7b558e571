"""The archive that is made up for newcomers."""

from __future__ import annotations

import zipfile
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from chatops.archive import Archive
from chatops.archive.sample import write_sample_archive
from chatops.language import LANGUAGES, Language
from chatops.posts.post import Hashtag, Mention, WebLink

NOW = datetime(2026, 1, 5, 9, 30, tzinfo=UTC)


@pytest.fixture(name="sample", params=LANGUAGES)
def _sample(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    language: Language = request.param
    write_sample_archive(tmp_path / "sample.zip", language, NOW)
    return tmp_path / "sample.zip"


def test_it_is_an_archive_without_oddities(sample: Path) -> None:
    with Archive.open(sample) as archive:
        posts = list(archive.posts())
        people = [*archive.following(), *archive.followers(), *archive.blocks(), *archive.mutes()]
        assert archive.warnings == []
        assert archive.counts()["tweets"] == len(posts) + 1
        assert len(people) == 54
        assert len(list(archive.lists())) == 1
        assert archive.account.former_names == ("JardinLoutre",)
        assert archive.profile().bio
        assert archive.generated_at == NOW


def test_it_holds_a_little_of_everything(sample: Path) -> None:
    with Archive.open(sample) as archive:
        posts = list(archive.posts())
        kinds = Counter(each.post.kind for each in posts)
        runs = [run for each in posts for run in each.post.body]
        assert kinds == {"post": 40, "thread": 7, "quote": 2, "reply": 5, "repost": 5}
        assert sum(each.held is not None for each in posts) == 1
        assert all(each.post.quotes for each in posts if each.post.kind == "quote")
        assert {type(run) for run in runs} >= {WebLink, Hashtag, Mention}
        assert max(len(str(each.post.body)) for each in posts) > 500
        pictures = [media.name for each in posts for media in each.post.media]
        assert len(pictures) == 4
        assert all(archive.has_media(name) for name in pictures)


def test_every_part_of_a_thread_continues_a_post_that_is_there(sample: Path) -> None:
    with Archive.open(sample) as archive:
        posts = [each.post for each in archive.posts()]
    known = {post.source_id for post in posts}
    assert all(post.replies_to in known for post in posts if post.kind == "thread")
    assert all(post.quotes in known for post in posts if post.quotes)


def test_its_links_lead_nowhere_real(sample: Path) -> None:
    with Archive.open(sample) as archive:
        links = [
            run for each in archive.posts() for run in each.post.body if isinstance(run, WebLink)
        ]
    assert links
    assert all(link.url.startswith("https://example.org/") for link in links)


def test_it_is_the_same_every_time(tmp_path: Path) -> None:
    for name in ("one", "two"):
        write_sample_archive(tmp_path / name, "fr", NOW)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


def test_it_knows_nothing_of_the_future(tmp_path: Path) -> None:
    now = datetime(2019, 5, 6, 7, 10, tzinfo=UTC)
    write_sample_archive(tmp_path / "a.zip", "fr", now)
    with Archive.open(tmp_path / "a.zip") as archive:
        times = [each.post.written_at for each in archive.posts()]
    assert now - timedelta(hours=1) < max(times) <= now


def test_it_holds_a_private_message_so_that_not_opening_it_can_be_seen(sample: Path) -> None:
    with zipfile.ZipFile(sample) as source:
        assert "data/direct-messages.js" in source.namelist()
    with Archive.open(sample) as archive:
        list(archive.posts())
        assert "direct-messages.js" not in archive.opened
