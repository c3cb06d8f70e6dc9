"""How well workers' questions are grouped, and how fast, against a light method without models.

Prints one JSON line a measure. The peer reads characters in ones, twos and threes (LSA-200), joins
what is nearer than half a cosine and takes the number of themes of the best silhouette; for
lessons it is BM25 over characters alone. Sets: public data (see --data), a sample month (see
--month), and reworded questions written for the tests.
"""

import argparse
import gzip
import json
import random
import resource
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter, process_time
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

import numpy as np

from curriculum import (
    lesson_match,
    likeness,
    matcher_training,
    near_duplicates,
    question_shelf,
    theme_clusters,
    theme_consensus,
    theme_matcher,
)
from curriculum.gram_space import CHARACTERS, learn
from curriculum.k_means import best_of
from curriculum.lesson_terms import normal
from curriculum.likely_questions import Likely
from curriculum.likeness import BO, ZH, Floats, Measures
from curriculum.matcher_training import Arranged
from curriculum.matchers import LABELS_FROM
from curriculum.similar_questions import in_order
from curriculum.theme_matcher import Matcher
from curriculum.themes import Asked, regroup
from tests.benchmarks.ground import ROOT, report
from tests.benchmarks.question_measures import adjusted_rand, b_cubed, pairs, v_measure
from tests.curriculum.asked_again import ASKED_AGAIN
from tests.curriculum.reworded import REWORDED

DATA = ROOT.parent / "shared" / "bench" / "questions"
MONTH = ROOT / "tests" / "data" / "sample_month" / "questions.jsonl"
CMRC, SIB = "retrieval_cmrc2018.json.gz", "themes_sib200.json.gz"
# What the light method calls the same question.
LIGHT = Measures(wording=0.9, margin=-9.0, floor=0.5, similar=0.3)
TODAY = date(2026, 11, 30)
WITHOUT_A_TENTH = 5
MATCHER_DRAWS, LABELLED_MONTHS = 8, 7


def light_rows(texts: Sequence[str]) -> Floats:
    """What the peer makes of texts."""
    kept = [normal(text) for text in texts]
    return likeness.unit(learn(kept, CHARACTERS).rows(kept))


def our_rows(texts: Sequence[str]) -> Floats:
    """What we make of the same, each question read by both models when it was asked."""
    return likeness.laid_out(texts, likeness.vectors(texts))[1]


def near_duplicate_lines(name: str, texts: Sequence[str], truth: Sequence[str]) -> None:
    """B-cubed of the groups; average precision and recall of the pairs."""
    ours, light = our_rows(texts), light_rows(texts)
    crowd = near_duplicates.crowding(ours, likeness.SENTENCES)
    none = np.zeros(len(texts), np.float32)
    own = b_cubed(truth, near_duplicates.groups(ours, likeness.SENTENCES, crowd))
    other = b_cubed(truth, near_duplicates.groups(light, LIGHT, none))
    report(f"groups_{name}_b_cubed_f", round(own[0], 3), round(other[0], 3), "share")
    report(f"groups_{name}_precision", round(own[1], 3), round(other[1], 3), "share")
    scores = ours @ ours.T - (crowd[:, None] + crowd[None, :]) / 2
    own, other = pairs(truth, scores), pairs(truth, light @ light.T)
    report(f"pairs_{name}_average_precision", round(own[0], 3), round(other[0], 3), "share")
    report(f"pairs_{name}_recall_at_0.9", round(own[1], 3), round(other[1], 3), "share")


def light_themes(rows: Floats) -> Any:
    """The peer's themes: all directions, k by the best silhouette."""
    tried = [best_of(rows, number, 4)[0] for number in theme_clusters.numbers(len(rows))]
    return max(tried, key=lambda labels: theme_clusters.silhouette(rows, labels))


def theme_lines(
    name: str,
    rows: Floats,
    light: Floats,
    truth: Sequence[str],
    texts: Sequence[str] = (),
) -> None:
    """V-measure, how far the chosen number is from the best one, and what a tenth changes.

    `texts` are the Chinese questions that `rows` were made of.
    """
    matcher = theme_matcher.untaught(texts) if texts else None
    found = theme_clusters.found(rows, texts, matcher)
    number = int(found.labels.max()) + 1
    peer = light_themes(light)
    own, other = v_measure(truth, found.labels), v_measure(truth, peer)
    report(f"themes_{name}_v", round(own, 3), round(other, 3), "share", themes=number)
    laid = matcher.rows(rows, texts) if matcher else rows
    bare = (laid - found.centre) @ found.axes
    reduced = likeness.unit(np.asarray(bare, np.float32))
    tried = {
        k: adjusted_rand(truth, theme_consensus.agreed(reduced, k)[0])
        for k in theme_clusters.numbers(len(rows))
    }
    best = max(tried, key=lambda k: tried[k])
    own = adjusted_rand(truth, found.labels)
    report(
        f"themes_{name}_ari", round(own, 3), round(tried[best], 3), "ari",
        themes=number, best_number=best, distance=round(tried[best] - own, 3),
    )  # fmt: skip
    stable, numbers = _stability(rows, found.labels, texts, matcher)
    report(
        f"themes_{name}_stable", round(stable, 3), None, "ari", numbers=numbers,
        floor=round(_stability_at_fixed(laid, found.labels), 3),
    )  # fmt: skip


def _tenths(count: int) -> list[Any]:
    chance = np.random.default_rng(10)
    return [np.sort(chance.permutation(count)[count // 10 :]) for _ in range(WITHOUT_A_TENTH)]


def _stability(
    rows: Floats, labels: Any, texts: Sequence[str], matcher: Matcher | None
) -> tuple[float, list[int]]:
    """Mean ARI with the whole pool's themes when a tenth of the questions is taken out."""
    agreed, numbers = [], []
    for kept in _tenths(len(rows)):
        words = [texts[place] for place in kept] if matcher else []
        again = theme_clusters.found(rows[kept], words, matcher).labels
        agreed.append(adjusted_rand(labels[kept], again))
        numbers.append(int(again.max()) + 1)
    return float(np.mean(agreed)), numbers


def _stability_at_fixed(rows: Floats, labels: Any) -> float:
    """The same with the number of themes held, so that only the borders can move."""
    agreed = []
    for kept in _tenths(len(rows)):
        part = rows[kept]
        axes, moved = theme_clusters._axes(part - part.mean(axis=0)), part - part.mean(axis=0)
        reduced = likeness.unit(np.asarray(moved @ axes, np.float32))
        again = theme_consensus.agreed(reduced, int(labels.max()) + 1)[0]
        agreed.append(adjusted_rand(labels[kept], again))
    return float(np.mean(agreed))


def tibetan_lines(rows_of: list[dict[str, str]]) -> None:
    """Themes in Tibetan, and whether a copy with slips finds its original first."""
    texts, truth = [row["bo"] for row in rows_of], [row["theme"] for row in rows_of]
    space, rows = likeness.laid_out(texts, language=BO)
    theme_lines("tibetan", rows, light_rows(texts), truth)
    edited = [_edited(text, number) for number, text in enumerate(texts)]
    first = (space.rows(edited) @ rows.T).argmax(axis=1) == np.arange(len(texts))
    light = learn([normal(text) for text in texts], CHARACTERS)
    kept, asked = (
        likeness.unit(light.rows([normal(text) for text in some])) for some in (texts, edited)
    )
    peer = (asked @ kept.T).argmax(axis=1) == np.arange(len(texts))
    report("tibetan_edited_copy_first", round(first.mean(), 4), round(peer.mean(), 4), "share")


def _edited(text: str, seed: int) -> str:
    """A tenth of the syllables lost and two exchanged."""
    chance = random.Random(seed)  # noqa: S311  a benchmark, no secret
    parts = text.split("\u0f0b")
    for _ in range(max(1, len(parts) // 10)):
        if len(parts) > 2:
            parts.pop(chance.randrange(len(parts)))
    at = chance.randrange(max(1, len(parts) - 1))
    parts[at : at + 2] = parts[at : at + 2][::-1]
    return "\u0f0b".join(parts)


def lesson_lines(data: dict[str, Any]) -> None:
    """Which article answers the question: recall at 1, ours and by words alone."""
    articles = [
        lesson_match.Passage(number, article["title"], article["text"])
        for number, article in enumerate(data["articles"])
    ]
    known = lesson_match.index(articles)
    texts = [question for question, _ in data["questions"]]
    answers = np.array([number for _, number in data["questions"]])
    rows = likeness.vectors(texts)
    own = peer = 0
    begun = perf_counter()
    for text, row, right in zip(texts, rows, answers, strict=True):
        own += lesson_match.match(text, known, stored=row, limit=1).answers[0].lesson_id == right
        peer += int(lesson_match._words(text, known).argmax()) == right
    took = (perf_counter() - begun) / len(texts) / 2 * 1000
    report(
        "lesson_cmrc_recall_1", round(own / len(texts), 4), round(peer / len(texts), 4), "share",
        articles=len(articles), questions=len(texts), ms_each=round(took, 2),
    )  # fmt: skip


def many(texts: Sequence[str], count: int) -> list[str]:
    """So many texts: the given ones, then the same with a character lost or a word put before."""
    chance = random.Random(7)  # noqa: S311  a benchmark, no secret
    made = list(texts[:count])
    while len(made) < count:
        text = texts[chance.randrange(len(texts))]
        at = chance.randrange(len(text))
        made.append(
            chance.choice(("请问", "老师，", "想问一下，", "")) + text[:at] + text[at + 1 :]
        )
    return made


def regroup_lines(texts: Sequence[str], count: int = 5_000) -> None:
    """A full regroup in a fresh process: with vectors stored when asked, and from text alone."""
    with TemporaryDirectory(prefix="wuxue-questions-") as folder:
        path = Path(folder) / "pool.npz"
        made = many(texts, count)
        raw = likeness.vectors(made, with_second=False)
        # The time does not depend on what the second half holds, only on how wide it is.
        wide = np.hstack([raw, raw[:, : likeness.SECOND_WIDTH]]).astype(np.float16)
        np.savez(path, texts=np.array(made), stored=wide)
        lines = {kind: _fresh(path, kind) for kind in ("stored", "text", "light")}
    for kind in ("stored", "text"):
        for unit in ("seconds", "cpu_seconds", "megabytes"):
            report(f"regroup_{count}_{kind}", lines[kind][unit], lines["light"][unit], unit)


def _fresh(path: Path, kind: str) -> dict[str, float]:
    command = [sys.executable, __file__, "--regroup", kind, "--pool", str(path)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603  our own file
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def regroup_here(kind: str, path: Path) -> None:
    """What the fresh process does; its own start is counted by its processor time."""
    begun = perf_counter()
    with np.load(path) as pool:
        texts = [str(text) for text in pool["texts"]]
        stored = pool["stored"]
    if kind == "light":
        rows = light_rows(texts)
        near_duplicates.groups(rows, LIGHT, np.zeros(len(rows), np.float32))
        light_themes(rows)
    else:
        asked = [Asked(n, text, n % 900, n % 60, TODAY) for n, text in enumerate(texts)]
        known = dict(enumerate(stored)) if kind == "stored" else None
        regroup(asked, today=TODAY, stored=known)
    line = {
        "seconds": round(perf_counter() - begun, 2),
        "cpu_seconds": round(process_time(), 2),
        "megabytes": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }
    sys.stdout.write(json.dumps(line) + "\n")


def placing_lines(texts: Sequence[str], count: int = 50_000, asked: int = 200) -> None:
    """A new question read by both models and placed among so many; the peer reads every row."""
    known = texts[:600]
    space, rows = likeness.laid_out(known, likeness.vectors(known))
    chance = np.random.default_rng(3)
    picks = chance.integers(len(rows), size=count)
    noise = chance.standard_normal((count, rows.shape[1]), np.float32) / 40
    stored = likeness.unit(rows[picks] + noise)
    alone = np.arange(count)
    crowd = np.full(count, 0.4, np.float32)
    themes = theme_clusters.found(rows, known, theme_matcher.UNTAUGHT)
    kept = question_shelf.shelf(
        ZH,
        space,
        alone,
        stored,
        crowd=crowd,
        group=alone,
        theme=alone % 20,
        themes=themes,
        groups=count,
    )
    times, cpu, peer, missed = [], [], [], 0
    for text in many(texts, len(texts) + asked)[-asked:]:
        begun, worked = perf_counter(), process_time()
        placed = question_shelf.place(text, kept)
        times.append((perf_counter() - begun) * 1000)
        cpu.append((process_time() - worked) * 1000)
        begun = perf_counter()
        every = stored @ placed.row[0]
        peer.append((perf_counter() - begun) * 1000)
        missed += bool(placed.similar) and placed.similar[0].question_id != int(every.argmax())
    report(
        f"placing_p99_at_{count}", round(float(np.quantile(times, 0.99)), 1),
        round(float(np.quantile(peer, 0.99)), 1), "ms", median=round(float(np.median(times)), 1),
        cpu_median=round(float(np.median(cpu)), 1), cpu_p99=round(float(np.quantile(cpu, 0.99)), 1),
        nearest_missed=missed, asked=asked, megabytes=round(kept.rows.nbytes / 2**20),
        peer_is="a product with every float32 row, without reading the question",
    )  # fmt: skip


def similar_lines() -> None:
    """How often the same question leads what is shown, while only the unlike ones are answered.

    The peer shows answered ones first, as we once did.
    """
    likely, count = Likely(), len(ASKED_AGAIN)
    likely.find([(n, pair[0], None) for n, pair in enumerate(ASKED_AGAIN, 1)], 1, after=0)
    own = peer = 0
    for number, (_, again) in enumerate(ASKED_AGAIN, 1):
        asked = count + number
        found = likely.find([(asked, again, None)], asked, after=asked - 1)
        earlier = [one for one in found.similar if one.question_id <= count]
        waiting = {number}
        own += in_order(earlier, {one.question_id for one in earlier} - waiting)[:1] == [number]
        answered_first = sorted(earlier, key=lambda one: one.question_id in waiting)
        peer += [one.question_id for one in answered_first[:1]] == [number]
    report("similar_same_question_first", own / count, peer / count, "share", asked=count)


def month_of(path: Path) -> list[dict[str, Any]]:
    """The sample month, or nothing and a line that says so."""
    if not path.exists():
        sys.stderr.write(f"questions: no sample month at {path}; its lines are left out\n")
        return []
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line]


def month_lines(month: list[dict[str, Any]]) -> None:
    """Groups and themes of the month's Chinese questions, with the context their askers gave."""
    spoken = [row for row in month if likeness.language_of(row["text"]) == ZH]
    texts = [f"{row['text']} {row.get('context') or ''}".strip() for row in spoken]
    alone = [row["duplicate_group"] or f"alone {row['id']}" for row in spoken]
    near_duplicate_lines("month", texts, alone)
    on_topic = [number for number, row in enumerate(spoken) if row["theme"] != "off_topic"]
    texts = [texts[number] for number in on_topic]
    truth = [spoken[number]["theme"] for number in on_topic]
    theme_lines("month", our_rows(texts), light_rows(texts), truth, texts)


def matcher_lines(name: str, texts: Sequence[str], truth: Sequence[str]) -> None:
    """What labels of months before teach about a month not seen; the peer is what nobody taught.

    The themes are told apart by the given truth, in as many as it has. In `months` the same themes
    come again with other questions, as they do; in `themes` none of them was seen before.
    """
    raw = likeness.vectors(texts)
    names = sorted(set(truth))
    for split in ("months", "themes"):
        gains: list[tuple[float, ...]] = []
        for draw in range(MATCHER_DRAWS):
            chance = np.random.default_rng((11, draw))
            order = chance.permutation(len(texts))
            seen = set(order[: 2 * len(order) // 3])
            if split == "themes":
                taught = set(chance.permutation(names)[: len(names) // 2])
                seen = {place for place in order if truth[place] in taught}
            held = np.array([place for place in range(len(texts)) if place not in seen])
            parts = np.array_split([place for place in order if place in seen], LABELLED_MONTHS)
            topics = [
                _arranged(number, np.sort(part), texts, truth, raw)
                for number, part in enumerate(parts, 1)
            ]
            made = matcher_training.trained(topics)
            if made is None:
                return
            gains.append((*_held_out(held, texts, truth, raw, made.matcher), made.is_better))
        v, old_v, b, old_b, followed = np.mean(gains, axis=0)
        facts = {"draws": MATCHER_DRAWS, "followed": round(float(followed), 2)}
        what = f"matcher_{name}_held_out_{split}"
        report(f"{what}_v", round(v, 3), round(old_v, 3), "share", **facts)
        report(f"{what}_b_cubed", round(b, 3), round(old_b, 3), "share", **facts)


def _arranged(
    number: int, places: Any, texts: Sequence[str], truth: Sequence[str], raw: Floats
) -> Arranged:
    """A month as a coordinator left it who sorts by the truth, all of its questions moved."""
    names = sorted(set(truth))
    return Arranged(
        number,
        date(2026, number, 1),
        np.array([names.index(truth[place]) for place in places]),
        tuple(texts[place] for place in places),
        raw[places],
        # There are a few less than are asked for.
        max(len(places), -(-LABELS_FROM // LABELLED_MONTHS)),
        np.zeros((0, 2), np.int64),
    )


def _held_out(
    places: Any, texts: Sequence[str], truth: Sequence[str], raw: Floats, matcher: Matcher
) -> tuple[float, float, float, float]:
    """V and B-cubed of questions not seen, taught and untaught."""
    words, right = [texts[place] for place in places], [truth[place] for place in places]
    _, rows = likeness.laid_out(words, raw[places])
    found: list[float] = []
    for one in (matcher, theme_matcher.untaught(words)):
        laid, _, _ = theme_clusters._reduced(one.rows(rows, words))
        labels, _ = theme_consensus.agreed(likeness.unit(laid), len(set(right)))
        found += [v_measure(right, labels), b_cubed(right, labels)[0]]
    return found[0], found[2], found[1], found[3]


def training_lines(texts: Sequence[str], truth: Sequence[str], labels: int = 3_000) -> None:
    """Seconds to learn from so many labels and to test what was learnt, in 60 topics."""
    raw, chance = likeness.vectors(texts), np.random.default_rng(12)
    topics = []
    for number in range(60):
        places = np.sort(chance.choice(len(texts), 120, replace=False))
        topic = _arranged(1 + number % 12, places, texts, truth, raw)
        topics.append(replace(topic, topic_id=number, labels=labels // 60))
    begun, worked = perf_counter(), process_time()
    made = matcher_training.trained(topics)
    took, cpu = perf_counter() - begun, process_time() - worked
    assert made is not None
    report(
        "matcher_training", round(took, 2), None, "seconds", labels=made.labels,
        questions=60 * 120, folds=matcher_training.FOLDS, cpu_seconds=round(cpu, 2),
    )  # fmt: skip


def all_matcher_lines(
    month: list[dict[str, Any]], sib: Sequence[str], themes: Sequence[str]
) -> None:
    """Learning from both sets that have themes."""
    matcher_lines("sib", sib, themes)
    spoken = [
        row
        for row in month
        if likeness.language_of(row["text"]) == ZH and row["theme"] != "off_topic"
    ]
    if spoken:
        texts = [f"{row['text']} {row.get('context') or ''}".strip() for row in spoken]
        truth = [row["theme"] for row in spoken]
        matcher_lines("month", texts, truth)
        training_lines(texts, truth)


def main() -> None:
    """Every line for which there is data."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--month", type=Path, default=MONTH)
    parser.add_argument("--only", default="", help="a part of a section's name")
    parser.add_argument("--regroup", choices=("stored", "text", "light"))
    parser.add_argument("--pool", type=Path)
    given = parser.parse_args()
    if given.regroup:
        regroup_here(given.regroup, given.pool)
        return
    if not (given.data / CMRC).exists() or not (given.data / SIB).exists():
        sys.stderr.write(f"questions: no {CMRC} and {SIB} in {given.data}; nothing measured\n")
        return
    with likeness.one_thread():
        measure(given)


def measure(given: argparse.Namespace) -> None:
    """The sections that were asked for."""
    cmrc, sib = (
        json.loads(gzip.decompress((given.data / name).read_bytes())) for name in (CMRC, SIB)
    )
    month = month_of(given.month)
    reworded = [(text, str(number)) for number, group in enumerate(REWORDED) for text in group]
    chinese = [row["zh"] for row in sib]
    pool = [question for question, _ in cmrc["questions"]] + chinese
    pool += [row["text"] for row in month if likeness.language_of(row["text"]) == ZH]
    sections: dict[str, Any] = {
        "reworded": lambda: near_duplicate_lines("reworded", *zip(*reworded, strict=True)),
        "month": lambda: month_lines(month) if month else None,
        "sib": lambda: theme_lines(
            "sib", our_rows(chinese), light_rows(chinese), [row["theme"] for row in sib], chinese
        ),
        "matcher": lambda: all_matcher_lines(month, chinese, [row["theme"] for row in sib]),
        "tibetan": lambda: tibetan_lines(sib),
        "regroup": lambda: regroup_lines(pool),
        "placing": lambda: placing_lines(pool),
        "similar": similar_lines,
        "lesson": lambda: lesson_lines(cmrc),
    }
    for name, section in sections.items():
        if given.only in name:
            section()


if __name__ == "__main__":
    main()
