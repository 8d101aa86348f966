"""The words by which a sentence shows what it is about: what its authors do, or something else."""

from __future__ import annotations


def word_set(words: str) -> frozenset[str]:
    return frozenset(words.split())


_MAKE = "introduce propose present develop design build create construct devise formulate unveil"
_OFFER = (
    "describe offer provide establish contribute curate compile collect detail outline survey "
    "review implement synthesize assemble derive launch pioneer conceptualize revisit reformulate "
    "recast advocate repurpose summarize overview put publish define"
)
_STUDY = (
    "study investigate explore analyze analyse examine characterize characterise benchmark tackle "
    "compare assess probe train pretrain pre-train adapt extend generalize augment prove quantify "
    "evaluate address rethink reframe scale bring dive delve distill finetune fine-tune tune "
    "enhance improve advance push enable unify equip cast frame shed model simplify accelerate "
    "bridge systematize dissect answer replicate resort experiment categorize re-examine "
    "reexamine demystify challenge question share"
)
_SHOW = (
    "show demonstrate find discover uncover reveal report identify prove unveil argue posit test"
)
_USE = (
    "leverage use employ apply utilize adopt incorporate integrate combine conduct perform focus "
    "discuss take exploit make aim seek consider release open-source leverage highlight measure "
    "treat view replace reduce learn optimize set decompose decouple present-day generate perform"
)
_WEAK = "observe hypothesize verify validate achieve note notice believe hope plan ask call obtain"
_PAST = {
    "build": "built", "find": "found", "show": "shown", "make": "made", "bring": "brought",
    "take": "took", "cast": "cast", "put": "put", "learn": "learned", "seek": "sought",
}  # fmt: skip
_LISTS = ((_WEAK, 0.2), (_USE, 0.5), (_SHOW, 0.62), (_STUDY, 0.74), (_OFFER, 0.84), (_MAKE, 1.0))


def _forms(verb: str) -> tuple[str, str, str]:
    """As one writes it after `we`, after `this paper`, and of the past."""
    if verb[-1] == "y" and verb[-2] not in "aeiou":
        return verb, verb[:-1] + "ies", verb[:-1] + "ied"
    third = verb + ("es" if verb.endswith(("s", "sh", "ch", "x", "z")) else "s")
    return verb, third, _PAST.get(verb) or verb + ("d" if verb.endswith("e") else "ed")


# How much a verb of the authors says of what the paper does.
VERBS = {
    form: weight for verbs, weight in _LISTS for verb in verbs.split() for form in _forms(verb)
}
THIRD = frozenset(
    form for verbs, _ in _LISTS for verb in verbs.split() for form in [_forms(verb)[1]]
)
PAST = frozenset(
    form for verbs, _ in _LISTS for verb in verbs.split() for form in [_forms(verb)[2]]
)
# "This paper", "the present study"
PAPER = word_set(
    "paper work study article report survey research thesis review tutorial monograph "
    "chapter investigation note manuscript dissertation letter"
)
# "Our method": the reader does not know which
METHOD = word_set(
    "method approach framework model system technique algorithm pipeline architecture "
    "strategy solution dataset benchmark methodology paradigm module design models "
    "mechanism"
)
# Between the subject and its verb
BETWEEN = word_set(
    "first then also further next here thus hence therefore have has do will can to aim "
    "aims try seek not only instead both and now finally second again just two could may it "
    "might"
)
SECOND = word_set("also further then additionally next finally subsequently")
ASIDE = word_set(
    "also further furthermore additionally moreover finally besides second secondly third "
    "thirdly subsequently lastly next then afterwards meanwhile fourth importantly notably "
    "specifically ultimately concretely consequently overall remarkably interestingly "
    "surprisingly 2 3 4 5 ii iii iv"
)
RESULT = word_set(
    "outperform outperforms outperforming achieves achieve surpasses surpass surpassing "
    "experiments experimental empirically extensive results evaluations yields exceeds "
    "superior ablation ablations qualitative quantitative"
)
LINK = word_set(
    "available github released code codes website webpage homepage demo demos project "
    "open-sourced publicly public"
)
REFERS = word_set("it they this these such those that its their he she there both either")
OTHERS = word_set(
    "recent recently existing current previous prior traditional conventional however "
    "despite although while whereas yet but most many large"
)
EMPTY = word_set(
    "a an the we of to and or for in on with by is are be our this that these those it as "
    "from via at using based novel new approach method framework model models paper work "
    "study present propose introduce presents proposes introduces called named namely"
)
# What follows `we` and is no deed
NO_DEED = word_set(
    "are were is was have had need know cannot can't do don't should must would live often "
    "now all humans refer want call"
)
