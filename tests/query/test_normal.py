"""Papers and queries meet in the same words, however each was written."""

import hashlib
import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.query.normal import LONGEST, STOPWORDS, spans, stem, stems, words
from bot.query.paper import PaperText
from bot.query.parse import parse
from tests import strategies
from tests.fakes import paper

LATEX = st.lists(
    st.sampled_from(
        ["$", "\\ell", "_p", "^{2}", "\\text{", "}", "{", "\\", "^", "_", "\\mathbf{x}", "\\'e",
         '\\"', "\\c", "\\o ", "\\cite{a}", "\\frac", "^circ", " ", "a", "Z", "1", "2.5", "1,0",
         "-", "--", "/", "'s", "'", "C++", "C#", "(", ")", "α", "λμ", "ελλα", "é", "e\u0301", "ﬁ",
         "²", "ₚ", "𝓛", "扩散", "模", "한국", "שלום", "\u00ad", "\u202e", "\x00", "\ud800", "ʻ",
         "🤖"]
    ),
    max_size=30,
).map("".join)  # fmt: skip
SHOWN = (
    "GPT-4o",
    " ",
    "-",
    "x²",
    "λ",
    "(",
    ")",
    "é",
    "e\u0301",
    "扩散",
    "a",
    "'s",
    "3.5",
    "_",
    ", ",
)
ANY = strategies.text | LATEX | st.text(max_size=80)


@pytest.mark.parametrize(
    ("text", "said"),
    [("GPT-4o", "gpt4o gpt 4o"), ("k-NN", "knn k nn"), ("a RAG/KV cache", "a ragkv rag kv cache"),
     ("S$^2$-Guidance", "s2guidance s2 s 2 guidance"), ("state--of", "state of"), ("3.5B", "35b"),
     ("a-b-c-d-e", "a b c d e"), ("Newton's Bayes'", "newton bayes"), ("YOLOv8", "yolov8 yolo v8"),
     ("扩散模型", "扩散 散模 模型"), ("(re)training", "retraining re training")],
)  # fmt: skip
def test_a_compound_is_joined_and_then_its_parts(text: str, said: str) -> None:
    assert words(text) == said.split()


@pytest.mark.parametrize(
    ("query", "title"),
    [
        # names
        ("D2MoE", "D^{2}MoE: Dual Routing"), ("gpt4o", "Testing GPT-4o"), ("knn", "Fast k-NN"),
        ("S2-Guidance", "S^2-Guidance"), ("s2 guidance", "S$^2$-Guidance"), ("3dgs", "3D-GS maps"),
        ("m3it", "M$^3$IT: A Dataset"), ("A2Search", "A^2Search"), ("tsne", "Stable t-SNE"),
        ("qwen 2.5", "Qwen2.5-VL Report"), ("qwen2.5", "Qwen-2.5"), ("gpt 4", "GPT4 at Work"),
        ("resnet", "ResNet50, Again"), ("seq 2 seq", "Seq2Seq"), ("word2vec", "Word2Vec"),
        ("vit b 16", "ViT-B/16"), ("bert4rec", "BERT4Rec"), ("rgbd", "RGB-D Slam"),
        ("gpt-4v", "GPT-4(V) Sees"), ("llama 3.1", "Llama‑3.1‑405B"), ("r1", "R-1"),
        ("c++", "Bugs in C++ Code"), ("C#", "C#-to-Java"), ("c++20", "C++20"),
        ("passk", "Pass@k Lies"), ("Q&A", "Open QA"), ("qa", "Q&A for All"),
        # letters and signs
        ("lambda", "The λ-Calculus"), ("λ", "$\\lambda$CDM"), ("\\lambda", "Λ Terms"),
        ("beta vae", "$\\beta$-VAE"), ("epsilon-greedy", "$\\varepsilon$-greedy"),
        ("l_p", "$\\ell_p$ Norms"), ("lp", "ℓₚ"), ("linfinity", "$L_\\infty$"), ("H2O", "H$_2$O"),
        ("co2", "CO₂ Capture"), ("CO2", "CO$_2$"), ("halpha", "H$\\alpha$ Lines"), ("tc", "T$_c$"),
        ("10^-3", "$10^{-3}$"), ("10^{-3}", "10⁻³"), ("mu m", "1 µm"), ("r2", "R² Scores"),
        ("16x16", "16×16 Words"), ("16x16", "$16\\times16$"), ("360 degree", "360$^\\circ$ Views"),
        ("360°", "360^circ Views"), ("L", "𝓛 and ℒ"),
        ("Bi2Sr2CaCu2O8", "Bi$_2$Sr$_2$CaCu$_2$O$_8$"),
        ("jpsi", "J/$\\psi$"), ("nabla", "∇"), ("R^n", "$\\mathbb{R}^n$"), ("13c", "$^{13}$C NMR"),
        # people
        ("Schrodinger", 'Schr\\"odinger Bridges'), ("Schrodinger", "Schrödinger"),
        ("erdos renyi", "Erd\\H{o}s--R\\'enyi"), ("Erdős–Rényi", "Erdos-Renyi"),
        ("poincare", "Poincar\\'{e}"), ("moller", "M{\\o}ller"), ("lukasz", "Łukasz"),
        ("hopital", "L'H\\^opital"), ("cech", "\\v{C}ech"), ("garcon", "gar\\c con"),
        ("angstrom", "\\AA ngstr\\\"om"), ("strasse", "Straße"), ("gauss", "Gauß's"),
        ("newton", "Newton’s"), ("o reilly", "O'Reilly"), ("naive", "naı̈ve"),
        ("bezier", "B\\'ezier"),
        # words
        ("efficient", "Eﬃcient"), ("gpt4", "ＧＰＴ４"), ("softhyphen", "soft\u00adhyphen"),
        ("nonlinear", "non‐linear"), ("bold", "\\textbf{Bold}"),
        ("dualhead", "texttt{D}ual-texttt{H}ead"),
        ("old", "{\\it old}"), ("emphasis", "\\emph{em}phasis"), ("o n", "\\mathcal{O}(n)"),
        ("диффузия", "Диффузия"), ("模型", "大模型综述"), ("확산", "확산 모델을"), ("שלום", "שָׁלוֹם"),
    ],
)  # fmt: skip
def test_either_way_of_writing_finds_the_other(query: str, title: str) -> None:
    finds(query, title)


@pytest.mark.parametrize(
    ("query", "title"),
    [
        ("R2D2", "R$^2$D$^2$: Replay"), ("s3gd", "S$^{3}$GD"), ("M2M-100", "M2M100 Translation"),
        ("wav2vec 2.0", "wav2vec2.0"), ("wav2vec", "Wav2Vec2 Probing"),
        ("InstructGPT", "Instruct-GPT"), ("internlm 2", "InternLM2"), ("phi 4", "Phi-4-mini"),
        ("codellama", "Code-Llama"), ("U-Net", "UNet++"), ("unet", "U-Net Pruning"),
        ("nerf--", "NeRF−−"), ("4d-gs", "4DGS"), ("4dgs", "4D-GS"), ("sam 2", "SAM2"),
        ("SAM-2", "SAM 2 in Video"), ("6dof", "6-DoF Grasping"),
        ("kl divergence", "KL-divergence"), ("f divergence", "$f$-Divergences"),
        ("renyi", "R\\'{e}nyi-$\\alpha$"), ("alpha renyi", "Rényi-α"), ("theta*", "θ*-Planning"),
        ("gamma ray", "γ-Ray Bursts"), ("Sigma11", "$\\Sigma^1_1$"), ("p-adic", "$p$-adic"),
        ("Zp", "$\\mathbb{Z}_p$"), ("lp", "$L^p$"), ("l0", "$\\ell_{0}$-Pruning"),
        ("n^2", "$\\mathcal{O}(n^{2})$"), ("MoS2", "MoS$_2$ Monolayers"), ("WSe2", "WSe₂"),
        ("LiFePO4", "LiFePO$_{4}$"), ("0.5 mm", "0.5\\,mm"), ("90 degree", "90$^{\\circ}$ bends"),
        ("2x", "2$\\times$ faster"), ("3x", "3× Faster"), ("Čech", "Cech Complex"),
        ("Lowenheim", "L\\\"owenheim–Skolem"), ("Bjorck", "Bj{\\\"o}rck"), ("Ostrom", "Östrom"),
        ("Poincaré", "Poincar{\\'e}"), ("Sao Paulo", "S\\~ao Paulo"), ("Munoz", "Mu\\~{n}oz"),
        ("Ilkay", "İlkay"), ("Pena", "Peña’s"), ("Malmo", "Malm\\\"o"),
        ("Lodz", "{\\L}\\'od\\'z"), ("Łódź", "Lodz"), ("D'Alembert", "d’Alembert’s Principle"),
        ("alembert", "D'Alembert"), ("what's", "What’s Next"), ("chatgpt", "ChatGPT™ Audit"),
        ("proof of concept", "Proof-of-Concept"), ("proof-of-work", "Proof of Work"),
        ("cross lingual", "Cross‐lingual"), ("input/output", "Input–Output"),
        ("encoder decoder", "Encoder/Decoder"), ("tcpip", "TCP/IP"), ("iid", "Non-i.i.d. Data"),
        ("ai", "A.I. Safety"), ("fluid", "ﬂuid"), ("affine", "aﬃne"), ("office", "oﬀice"),
        ("R1-Zero", "\\textsc{R1}-Zero"), ("toolformer", "\\textsc{Tool}former"),
        ("verb", "\\texttt{\\textbf{Verb}}"), ("mixtral", "**Mixtral**"),
        ("自然言語", "自然言語処理"),
        ("нейронные", "Нейро́нные сети"), ("Ёлка", "елка"), ("تعلم", "تَعَلُّم الآلة"),
        ("ไทย", "ภาษาไทย"), ("हिन्दी", "हिन्दी पाठ"),
    ],
)  # fmt: skip
def test_pairs_thought_of_after_the_code_find_each_other(query: str, title: str) -> None:
    finds(query, title)


def finds(query: str, title: str) -> None:
    """The query joined is a word of the title, or each of its words is one, whole or in parts."""
    there = set(stems(title))
    for typed in map(stems, query.split()):
        whole, *parts = typed
        assert whole in there or (parts and there.issuperset(parts)), (typed, there)
    assert parse(query).matches(PaperText(paper(1, title=title))), (
        "a topic finds what a search finds"
    )


@pytest.mark.parametrize(
    ("british", "american"),
    [("optimisation", "optimization"), ("quantised", "quantized"), ("behaviours", "behavior"),
     ("modelling", "modeling"), ("dialogue", "dialog"), ("fibre", "fiber"),
     ("analogue", "analog")],
)  # fmt: skip
def test_spelling_is_american_on_both_sides(british: str, american: str) -> None:
    assert stem(british) == stem(american)


def test_different_words_keep_different_stems() -> None:
    pairs = ("supervised", "superb"), ("precise", "prize"), ("hours", "hors"), ("raise", "raze")
    assert all(stem(one) != stem(other) for one, other in pairs)
    assert stem("supervised") == stem("supervision") and stem("llms") == "llm"


def test_each_word_has_its_stem() -> None:
    text = "Diffusion models for GPT-4o's caches"
    assert stems(text) == [stem(word) for word in words(text)]
    assert stems(text) == ["diffus", "model", "for", "gpt4o", "gpt", "4o", "cach"]


@given(ANY)
def test_words_are_plain_and_short(text: str) -> None:
    for word in words(text):
        assert 0 < len(word) <= LONGEST
        assert word.isalnum() and word == word.casefold()
        for char in word:
            assert char.isascii() or not unicodedata.name(char, "").startswith("LATIN")


@given(ANY)
def test_a_word_is_the_first_of_its_own_words(text: str) -> None:
    assert all(words(word)[0] == word for word in words(text))


@given(ANY.filter(lambda text: "™" not in text))
def test_how_characters_are_composed_does_not_matter(text: str) -> None:
    assert words(text) == words(unicodedata.normalize("NFC", text))
    assert words(text) == words(unicodedata.normalize("NFKD", text))


@given(ANY, ANY)
def test_words_of_two_texts_are_the_words_of_both(one: str, other: str) -> None:
    if not {"\\", "{", "$"} & set(one + other):
        assert words(f"{one} {other}") == words(one) + words(other)


def test_every_character_there_is_becomes_plain() -> None:
    for start in range(0, 0x20000, 256):
        found = words(" ".join(map(chr, range(start, start + 256))))
        assert all(word.isalnum() and word == word.casefold() for word in found)
        assert all(words(word)[0] == word for word in found)


@pytest.mark.parametrize(
    "bit", ["x", "\\", "{", "$", "-", "a-", "'", "\\' ", "^{", "α", "模", "1.", "("]
)
def test_a_monster_is_cut_in_no_time(bit: str) -> None:
    assert all(len(word) <= LONGEST for word in words(bit * 50_000))


@given(ANY.filter(lambda text: not re.search(r"[\\\\{}$]|\\^circ", text)))
def test_spans_are_words_where_they_stand(text: str) -> None:
    for word, start, end in spans(text):
        assert 0 <= start < end <= len(text)
        assert word in words(text[start:end])


@given(st.lists(st.sampled_from(SHOWN)).map("".join))
def test_every_word_of_a_shown_text_has_its_span(text: str) -> None:
    assert {word for word, _, _ in spans(text)} == set(words(text))


def test_spans_name_a_compound_and_its_parts() -> None:
    assert list(spans("On GPT-4o, λ and Bayes' 扩散模 x²")) == [
        ("on", 0, 2), ("gpt4o", 3, 9), ("gpt", 3, 6), ("4o", 7, 9), ("lambda", 11, 12),
        ("and", 13, 16), ("bayes", 17, 22), ("扩散", 24, 26), ("散模", 25, 27), ("x2", 28, 30),
    ]  # fmt: skip


def test_stop_words_are_normal_and_say_nothing() -> None:
    assert {"the", "of", "and", "we", "is", "this", "with"} <= STOPWORDS
    assert all(words(word) == [word] for word in STOPWORDS)
    assert not STOPWORDS & {"model", "paper", "new", "method", "learning", "it-self"}


def test_stored_indexes_are_made_of_these_words() -> None:
    """A changed text is taken out of the index by its old words, made again."""
    told = (
        "GPT-4o's l_p norms, $\\ell_p$ and \\textbf{Schr\\\"odinger}: colours of llama3 in C++",
        "Ünïcode ﬁne-tuning λ-calculus 3.5 SE(3) D^{2}MoE state-of-the-art 扩散模型 analysed",
    )
    made = hashlib.sha256(repr([(words(text), stems(text)) for text in told]).encode())
    assert made.hexdigest()[:12] == "538390d9314e", "needs a migration that fills the indexes anew"
