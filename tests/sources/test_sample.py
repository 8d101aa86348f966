"""The bundled sample, and which sources the settings turn on."""

from datetime import date, timedelta

from bot import config, sources
from bot.sources.sample import Sample
from tests.sources.archive import Archive
from tests.sources.feed import Feed


async def test_the_sample_is_one_real_list_day() -> None:
    sample = Sample()
    day = await sample.newest()
    assert day == date(2025, 10, 10)
    papers = await sample.fetch(day)
    assert len(papers) == len({paper.id for paper in papers}) == 38
    votes = [paper.votes or 0 for paper in papers]
    assert votes == sorted(votes, reverse=True)
    assert all(paper.authors and paper.published for paper in papers)
    assert any(paper.code and paper.stars for paper in papers)


async def test_the_sample_has_short_summaries_and_no_machine_text() -> None:
    papers = await Sample().fetch(date(2025, 10, 10))
    assert all(120 <= len(paper.summary) <= 260 for paper in papers)
    assert not any(paper.ai_summary for paper in papers)


async def test_the_sample_has_no_other_day() -> None:
    assert await Sample().fetch(date(2025, 10, 10) + timedelta(days=1)) == ()


async def test_the_sample_finds_its_own_papers() -> None:
    sample = Sample()
    found = await sample.find("2510.07958")
    assert found and found.title.startswith("A^2Search")
    assert await sample.find("2510.99999") is None
    await sample.close()


async def test_the_first_list_source_is_hugging_face_and_arxiv_is_the_feed() -> None:
    nowhere = {"ARXIV_API_BASE": "http://127.0.0.1:9", "ARXIV_OAI_BASE": "http://127.0.0.1:9"}
    lists, feeds = sources.make(config.load(nowhere))
    assert [source.name for source in lists] == ["huggingface"]
    assert [source.name for source in feeds] == ["arxiv"]
    changes = await feeds[0].changes("", date(2025, 6, 12))
    assert (changes.papers, changes.more) == ((), False), "no category was chosen"
    for source in (*lists, *feeds):
        await source.close()


async def test_arxivs_two_hosts_are_the_settings(feed: Feed, archive: Archive) -> None:
    settings = {
        "ARXIV_API_BASE": feed.base, "ARXIV_OAI_BASE": archive.base, "ARXIV_CATEGORIES": "cs.CL",
    }  # fmt: skip
    archive.announce("2510.00001")
    _, [arxiv] = sources.make(config.load(settings))
    [paper] = (await arxiv.changes("", archive.today)).papers
    await arxiv.close()
    assert paper.id == "2510.00001"
    assert feed.asked == []
