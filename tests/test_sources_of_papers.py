"""A source whose papers are not arXiv's, and a second one with lists of its own."""

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest

from bot import naming, plan
from bot.collect import Collector
from bot.dialogue import Entry
from bot.errors import SourceError
from bot.model import Paper
from bot.naming.scheme import Curated, Link, Named, Scheme
from bot.store import Store, papers
from tests.commands.conftest import Bot
from tests.fakes import Clock, FakeSource, at, on, paper, papers_of, subscribe
from tests.office import office
from tests.rounds import send_due

DOI = "10.1101/2025.01.01.123456"
ID = f"bio:{DOI}"
LINK = f"https://www.bio.example/content/{DOI}v1.full.pdf"
FOLDING = Paper(ID, "Folding of proteins by diffusion", "We look at proteins.", ("Ann Lee",))
MONDAY = "2025-06-02"


def _named(text: str) -> Iterator[Named]:
    for match in re.finditer(r"10\.1101/([\d.]{11}\d{6})(?:v\d+)?(?!\d)", text):
        yield Named(f"bio:10.1101/{match[1]}", *match.span())


def _links(paper_id: str) -> tuple[Link, ...]:
    return (Link("Bio", f"https://www.bio.example/content/{paper_id.partition(':')[2]}"),)


def _begun(typed: str) -> str:
    return typed if typed.startswith("bio:") else ""


@pytest.fixture(autouse=True)
def registered(monkeypatch: pytest.MonkeyPatch) -> None:
    """The lines that a source has in `bot.naming`."""
    scheme = Scheme("bio", "Bio", _named, _links, _begun)
    picks = Curated("picks", "Editors' Picks", lambda _paper_id: "")
    monkeypatch.setattr(naming, "SCHEMES", (scheme, *naming.SCHEMES))
    monkeypatch.setattr(naming, "LISTS", (*naming.LISTS, picks))


@pytest.fixture
async def stored(bot: Bot, store: Store) -> Bot:
    async with store.transaction() as tx:
        await papers.save(tx, [FOLDING, paper(1)])
    return bot


@pytest.fixture
def bot(store: Store) -> Bot:
    return Bot(store)


@pytest.mark.parametrize("text", [ID, DOI, LINK, f"https://doi.org/{DOI}", f"doi:{DOI}"])
@pytest.mark.parametrize("command", ["paper", "search", "similar"])
async def test_its_papers_are_opened_by_id_link_and_doi(
    stored: Bot, command: str, text: str
) -> None:
    assert FOLDING.title in str(await stored.ask(f"/{command} {text}"))


async def test_its_card_has_its_own_links_and_a_button_that_fits(stored: Bot) -> None:
    card = await stored.ask(f"/paper {ID}")
    assert [(a.label, a.url) for a in card.actions[0]] == [tuple(_links(ID)[0])]
    [similar] = card.actions[1]
    assert len(similar.data) <= 64 and FOLDING.title in str(await stored.ask(data=similar.data))


async def test_buttons_of_a_search_lead_to_it_and_back(stored: Bot) -> None:
    found = await stored.ask("/search proteins diffusion")
    assert all(len(a.data) <= 64 for row in found.actions for a in row)
    card = await stored.press(found, "1")
    assert card.title == FOLDING.title
    assert FOLDING.title in str(await stored.press(card, "‹ Back to the results"))


@pytest.mark.parametrize("typed", [ID, ID[:12], LINK, "folding prot"])
async def test_it_is_offered_as_one_types(stored: Bot, typed: str) -> None:
    assert ID in [choice.value for choice in await stored.suggest("paper", "id", typed)]


async def test_one_that_is_not_stored_is_asked_of_the_sources(bot: Bot) -> None:
    bot.feed.single[ID] = FOLDING
    assert (await bot.ask(f"/paper {LINK}")).title == FOLDING.title
    assert "nor on Bio" in (await bot.ask(f"/paper {ID[:-1]}7")).text


def test_a_text_names_papers_of_several_sources_in_its_order() -> None:
    assert naming.paper_ids(f"2505.24864, {LINK} and arXiv:2401.01234v2") == [
        "2505.24864", ID, "2401.01234",
    ]  # fmt: skip


# a second curated list --------------------------------------------------------------------------

PICKED = Paper("2505.11111", "A picked one", summary="Of note.")


async def posted(store: Store, picks: FakeSource) -> list[Entry]:
    clock, daily = Clock(at(f"{MONDAY} 12:00")), FakeSource()
    daily.lists[on(MONDAY)] = papers_of(MONDAY, 1, 2)
    collector = Collector(store, [daily, picks])
    await collector.refresh(clock(), back=1)
    post = office(store)
    await subscribe(store, "c1", at(f"{MONDAY} 08:00"), time="12:30")
    await plan.plan(store, collector, clock.pass_(hours=1))
    post.clock.now = clock()
    await send_due(post.dispatcher, "discord")
    [message] = [made.message for made in post.adapter.posts]
    return [entry for section in message.sections for entry in section.entries]


async def test_papers_of_a_second_list_are_posted_with_whose_list_it_is(store: Store) -> None:
    picks = FakeSource(name="picks")
    picks.lists[on(MONDAY)] = (PICKED, paper(1, None))
    entries = await posted(store, picks)
    assert len(entries) == 3 and picks.asked
    lists = {entry.title: "Editors' Picks" in entry.meta for entry in entries}
    assert lists == {
        "A picked one": True, "A study of subject 1": False, "A study of subject 2": False,
    }  # fmt: skip
    [picked] = [entry for entry in entries if entry.title == "A picked one"]
    assert picked.url == "https://arxiv.org/abs/2505.11111"
    assert "Discussion" not in dict(picked.links)


async def test_a_second_list_that_fails_holds_up_no_post(store: Store) -> None:
    picks = FakeSource(name="picks")
    picks.fault = SourceError("down")
    assert len(await posted(store, picks)) == 2


async def test_a_list_asked_for_by_its_day_has_the_papers_of_both(bot: Bot) -> None:
    picks = FakeSource(name="picks")
    picks.lists[on(MONDAY)] = (PICKED,)
    bot.feed.lists[on(MONDAY)] = papers_of(MONDAY, 1)
    bot.collector = Collector(bot.store, [bot.feed, picks])
    assert "A picked one" in str(await bot.ask(f"/date {MONDAY}"))
    bot.clock.pass_(hours=1)
    assert (await bot.collector.status(on(MONDAY))).papers == 1


async def test_the_first_source_says_whose_a_paper_is_that_others_listed_before(
    store: Store,
) -> None:
    picks, daily, now = FakeSource(name="picks"), FakeSource(), at("2025-06-03 12:00")
    picks.lists[on(MONDAY)] = (paper(1, None),)
    daily.lists[on("2025-06-03")] = papers_of("2025-06-03", 1)
    collector = Collector(store, [daily, picks])
    for day in (MONDAY, "2025-06-03"):
        await collector.fetch(on(day), now - timedelta(hours=1))
    found = await collector.find(paper(1).id)
    assert found and (found.day, found.listed_by) == (on(MONDAY), "huggingface")
    assert naming.page(found).startswith("https://huggingface.co/papers/")
