"""Hypothesis strategies: messages as hostile as any feed or person could make them."""

from hypothesis import strategies as st

from bot.dialogue import Action, Entry, Message, Section

# ruff: noqa: E501
NASTY = (
    "$\\ell_p$ norms", "D^{2}MoE", "<b>bold</b> & <script>alert(1)</script>", "a*b*c _d_ __e__ ~~f~~ ||g||",
    "[click](https://evil.example)", "@everyone @here <@123> <@&456> <#789>", "`code` ```block```",
    "שלום world مرحبا", "👩‍👩‍👧‍👦🏳️‍🌈 emoji", "x" * 300, "]( )[", "https://evil.example/a_b*c", "> quote\n# heading\n- list",
    "\u202eevil\u202c", "&lt;b&gt; &amp;", "\\*already\\* \\escaped\\", "a\u0000b\u0007c", "1. one", "</a></b>", "tg://user?id=1",
    "\\", "*", "_", "[", "]", "(", ")", "<", ">", "|", "~", "`", "t.me/evil @someone /start #tag $TSLA",
)  # fmt: skip
text = st.one_of(
    st.sampled_from(NASTY),
    st.text(max_size=300),
    st.lists(st.sampled_from(NASTY), min_size=1, max_size=4).map(" ".join),
)
spans = st.tuples(st.integers(-3, 310), st.integers(-3, 310))  # also backwards, and past the end
ids = st.from_regex(r"[0-9]{4}\.[0-9]{5}", fullmatch=True)


@st.composite
def entries(draw: st.DrawFn) -> Entry:
    paper_id = draw(ids)
    links = [
        ("arXiv", f"https://arxiv.org/abs/{paper_id}"),
        ("PDF", f"https://arxiv.org/pdf/{paper_id}"),
        ("Discussion (12)", f"https://huggingface.co/papers/{paper_id}#community"),
    ]
    if draw(st.booleans()):
        links.append(("Code ★ 1.2k", "https://github.com/some-lab/a_repository-with(parens)"))
    return Entry(
        title=draw(text) or "?",
        url=f"https://huggingface.co/papers/{paper_id}",
        rank=draw(st.none() | st.integers(1, 99)),
        meta=draw(text),
        summary=draw(text),
        bold=tuple(draw(st.lists(spans, max_size=4))),
        reasons=tuple(draw(st.lists(text, max_size=3))),
        links=tuple(links),
    )


sections = st.builds(
    Section, entries=st.lists(entries(), max_size=15).map(tuple), heading=text | st.just("")
)
actions = st.builds(
    Action, label=text.filter(str.strip), data=st.from_regex(r"[A-Za-z0-9_-]{1,64}", fullmatch=True)
) | st.builds(Action, label=text.filter(str.strip), url=ids.map("https://arxiv.org/abs/{}".format))
messages = st.builds(
    Message,
    title=text,
    text=text,
    sections=st.lists(sections, max_size=2).map(tuple),
    note=text,
    actions=st.lists(st.lists(actions, min_size=1, max_size=5).map(tuple), max_size=5).map(tuple),
)
