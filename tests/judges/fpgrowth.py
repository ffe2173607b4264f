"""sdp-fpgrowth against what others found.

Small examples worked out in papers and by other programs stand here.  The counts, listings and rules
that C. Borgelt's pyfim, mlxtend and an independent miner found in published data sets, which are no part
of the project (judge.reference), are compared too.
"""
import hashlib
import itertools
import json
import os
import random
import tempfile
from fractions import Fraction

from judge import check, document, end, reference, skip

FOLDER = reference("itemsets")


def options_for(name):
    return ["--separator", ","] if name.endswith(".csv") else []


def canonical(name, itemsets):
    text = name.endswith(".csv")
    lines = []
    for row in itemsets:
        items = sorted(row["items"], key=(lambda s: s.encode()) if text else int)
        lines.append(("," if text else " ").join(items) + "\t" + str(row["count"]) + "\n")
    lines.sort(key=lambda s: s.encode())
    return "".join(lines)


def judge_counts(name, about):
    file = os.path.join(FOLDER, name)
    for result in about["results"]:
        support = repr(result["min_support_fraction"])
        problems = []
        doc = document("sdp-fpgrowth", "-s", support, "--count-only", *options_for(name), file)
        lengths = {str(row["length"]): row["itemsets"] for row in doc["lengths"]}
        for key, got, wanted in (
                ("baskets", doc["baskets"], about["transactions"]),
                ("items", doc["items"], about["distinct_items"]),
                ("min_count", doc["min_count"], result["min_support_count"]),
                ("frequent_itemsets", doc["frequent_itemsets"], result["n_itemsets"]),
                ("lengths", lengths, result["by_length"])):
            if got != wanted:
                problems.append(f"{key}: {got}, not {wanted}")
        if result["n_itemsets"] <= 300000:
            doc = document("sdp-fpgrowth", "-s", support, *options_for(name), file)
            listing = canonical(name, doc["itemsets"])
            if hashlib.sha256(listing.encode()).hexdigest() != result["sha256_canonical"]:
                problems.append("the listing differs")
            if sum(row["count"] for row in doc["itemsets"]) != result["sum_of_supports"]:
                problems.append("the sum of counts differs")
            if result.get("full_listing"):
                with open(os.path.join(FOLDER, result["full_listing"]), encoding="utf-8") as f:
                    if f.read() != listing:
                        problems.append("the full listing differs")
        check(f"{name} at {support}: {result['n_itemsets']} itemsets", problems)


def near(a, b):
    return a == b or (a is not None and b is not None and abs(a - b) <= 1e-12 * max(1, abs(b)))


def judge_rules(support, confidence, file):
    with open(os.path.join(FOLDER, file), encoding="utf-8") as f:
        wanted = {(tuple(sorted(r["antecedent"])), tuple(sorted(r["consequent"]))): r for r in json.load(f)["rules"]}
    for most in (1, 9):
        doc = document("sdp-fpgrowth", "-s", support, "--rules", "-c", confidence, "--max-consequent", str(most),
                       "--separator", ",", os.path.join(FOLDER, "groceries_basket.csv"))
        got = {(tuple(sorted(r["antecedent"])), tuple(sorted(r["consequent"]))): r for r in doc["rules"]}
        expected = {key: r for key, r in wanted.items() if len(key[1]) <= most}
        problems = [f"missing: {key}" for key in expected if key not in got]
        problems += [f"not expected: {key}" for key in got if key not in expected]
        for key in got.keys() & expected.keys():
            for figure in ("count", "support", "confidence", "lift", "leverage", "conviction"):
                if not near(got[key][figure], expected[key][figure]):
                    problems.append(f"{key}: {figure} {got[key][figure]}, not {expected[key][figure]}")
        check(f"rules of groceries at {support}, {confidence}, consequents up to {most}: {len(expected)}", problems)


def brute_force(baskets, minimum, longest=99):
    """All frequent sets, by trying every subset: nothing of the program's ways."""
    counts = {}
    for basket in baskets:
        items = sorted(set(basket))
        for length in range(1, min(len(items), longest) + 1):
            for subset in itertools.combinations(items, length):
                counts[subset] = counts.get(subset, 0) + 1
    return {s: n for s, n in counts.items() if n >= minimum}


def random_baskets(rng):
    items = [f"i{k}" for k in range(rng.choice((3, 8, 15, 40)))]
    always = items[:rng.choice((0, 0, 1, 3))]
    return [always + [i for i in items if rng.random() < rng.choice((0.05, 0.2, 0.5))][:9]
            for _ in range(rng.choice((1, 5, 60, 63, 64, 65, 130, 700)))]


def judge_random(seed):
    rng = random.Random(seed)
    baskets = random_baskets(rng)
    minimum = rng.choice((1, 2, 3, max(1, len(baskets) // 10)))
    wanted = brute_force(baskets, minimum)
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as f:
        f.write("".join(" ".join(rng.sample(b, len(b))) + "\n" for b in baskets))
        f.flush()
        doc = document("sdp-fpgrowth", "-s", str(minimum), "--rules", "-c", "0", "--max-consequent", "2", f.name)
        counted = document("sdp-fpgrowth", "-s", str(minimum), "--count-only", f.name)
    problems = []
    got = {tuple(sorted(row["items"])): row["count"] for row in doc["itemsets"]}
    if got != wanted or len(doc["itemsets"]) != len(wanted):
        problems.append(f"{len(doc['itemsets'])} itemsets, not {len(wanted)}")
    lengths = {}
    for s in wanted:
        lengths[len(s)] = lengths.get(len(s), 0) + 1
    for d in (doc, counted):
        if {row["length"]: row["itemsets"] for row in d["lengths"]} != lengths:
            problems.append(f"lengths {d['lengths']}, not {lengths}")
    rules = sum(1 for s in wanted for n in (1, 2) if n < len(s) for _ in itertools.combinations(s, n))
    if len(doc["rules"]) != rules:
        problems.append(f"{len(doc['rules'])} rules, not {rules}")
    for rule in doc["rules"]:
        both = wanted[tuple(sorted(rule["antecedent"] + rule["consequent"]))]
        one, other = wanted[tuple(sorted(rule["antecedent"]))], wanted[tuple(sorted(rule["consequent"]))]
        n = len(baskets)
        figures = {"support": Fraction(both, n), "confidence": Fraction(both, one), "lift": Fraction(both * n, one * other),
                   "leverage": Fraction(both, n) - Fraction(one * other, n * n)}
        if any(abs(Fraction(rule[k]) - v) > Fraction(1, 10**13) * max(1, v) for k, v in figures.items()):
            problems.append(f"{rule}: not {figures}")
    check(f"random baskets {seed}: {len(baskets)}, minimum {minimum}: {len(wanted)} itemsets, {rules} rules", problems)


def judge_papers():
    # J. Han, J. Pei, Y. Yin, Mining Frequent Patterns without Candidate Generation, SIGMOD 2000, table 1.
    baskets = b"f a c d g i m p\na b c f l m o\nb f h j o\nb c k s p\na f c e l p m n\n"
    doc = document("sdp-fpgrowth", "-s", "3", stdin=baskets)
    got = {"".join(sorted(row["items"])): row["count"] for row in doc["itemsets"]}
    wanted = {"f": 4, "c": 4, "a": 3, "b": 3, "m": 3, "p": 3, "cf": 3, "af": 3, "ac": 3, "acf": 3, "fm": 3, "cm": 3,
              "am": 3, "cfm": 3, "afm": 3, "acm": 3, "acfm": 3, "cp": 3}
    check("the example of Han, Pei and Yin", [] if got == wanted else [f"{got}"])
    # The example of Spark's guide (ml-frequent-pattern-mining): "1 2 5", "1 2 3 5", "1 2".
    doc = document("sdp-fpgrowth", "-s", "0.5", "--rules", "-c", "0.6", stdin=b"1 2 5\n1 2 3 5\n1 2\n")
    got = {(",".join(sorted(r["antecedent"])), r["consequent"][0]): (r["confidence"], r["lift"]) for r in doc["rules"]}
    two_thirds = 2 / 3
    wanted = {("2", "1"): (1, 1), ("2", "5"): (two_thirds, 1), ("1", "2"): (1, 1), ("1", "5"): (two_thirds, 1),
              ("5", "1"): (1, 1), ("5", "2"): (1, 1), ("1,2", "5"): (two_thirds, 1), ("1,5", "2"): (1, 1),
              ("2,5", "1"): (1, 1)}
    check("the rules of Spark's guide", [] if got == wanted else [f"{got}"])


judge_papers()
for seed in range(24):
    judge_random(seed)
if FOLDER is None:
    skip("published data sets")
else:
    with open(os.path.join(FOLDER, "expected_counts.json"), encoding="utf-8") as counts:
        for name, about in json.load(counts).items():
            judge_counts(name, about)
    judge_rules("0.01", "0.5", "groceries_rules_s0.01_c0.5.json")
    judge_rules("0.001", "0.8", "groceries_rules_s0.001_c0.8.json")
end()
