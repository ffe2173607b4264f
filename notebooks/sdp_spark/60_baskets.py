# Frequent itemsets and rules: sdp-fpgrowth(1).
import itertools
import math
import re
from fractions import Fraction

from pyspark import StorageLevel
from pyspark.sql import functions as F


def refuse_any(*wrong):
    """Ends at the first of the conditions that holds."""
    for condition, message in wrong:
        if condition:
            raise Fault(message, 2)


def check_baskets(o):
    pair, forms = bool(o.basket or o.item), sum((bool(o.basket or o.item), bool(o.items_column), o.one_hot, o.table))
    count = re.fullmatch("[+]?[0-9]+", o.support)
    refuse_any(
        (pair and not (o.basket and o.item), "--basket and --item need each other"),
        (o.items_column == "", "--items-column: a column's name is empty"),
        (forms > 1, "only one of --basket with --item, --items-column, --one-hot and --table can be given"),
        (o.columns and not (o.one_hot or o.table), "--columns needs --one-hot or --table"),
        (o.separator and forms and not o.items_column, "--separator needs lines of items or --items-column"))
    if not forms:
        refuse_given(o, "delimiter", "with lines of items; --separator names the character between items")
        refuse_given(o, "no-header input-format records types where union na decimal thousands ragged quote skip",
                     f"with lines of items; {BASKET_FORMS}")
    refuse_any(
        (not 0 < int(o.support) < 2**32 if count else not share_of(o.support, exact=True),
         f"--support: not a fraction up to 1 (0.01, 1%) or a count (100): {quoted(o.support)}"),
        (share_of(o.confidence, exact=True) is None, f"--confidence: {no_share(o.confidence)}"),
        (o.max_length < o.min_length, "--max-length is less than --min-length"),
        (o.count_only and (o.rules or o.top or o.sort), "--count-only excludes --rules, --sort and --top: it makes no itemsets"),
        (not o.rules and o.sort not in (None, "count"), f"--sort: only rules have a {o.sort}; --rules finds rules"),
        (not o.rules and {"lift", "max-consequent", "confidence"} & set(o.given),
         "--confidence, --lift and --max-consequent need --rules"))


def elements_of(table, name):
    """The columns of the elements of JSON's arrays of this name."""
    found = [(i, re.fullmatch(re.escape(name) + r"\.[0-9]+(\..*)?", column, re.S)) for i, column in enumerate(table.names) if table.format == "json"]
    for i, match in found:
        if match and match[1]:
            raise Fault(f"--items-column: the arrays of {quoted(name)} contain more than items: there is a column {quoted(table.names[i])}")
    return [i for i, match in found if match]


def baskets_of(table, o, lines):
    """A frame with a column items of different texts, and how many rows have no basket."""
    if lines and not o.separator:
        first = head_of(table.spark, table.files[0], 4096).decode("utf-8", "replace").split("\n")[0]
        if re.search('[,;\t|"]', first):
            raise Fault(f"{o.files[0]}: this looks like CSV, not like items separated by blanks: {BASKET_FORMS}; "
                        "for lines, --separator names the character between items", 2)

    def parts(c):
        c = F.coalesce(c, F.lit(""))
        pieces = F.split(c, "[" + re.escape(o.separator) + "]") if o.separator else F.split(c, "[ \t]+")
        pieces = F.transform(pieces, bare)
        return F.array_distinct(F.filter(pieces, lambda item: item != ""))
    if lines:
        return table.frame.select(parts(F.col("c0")).alias("items")), 0
    if o.items_column:
        elements = elements_of(table, o.items_column)
        found = [F.array(*[F.col(f"c{i}") for i in elements])] if elements else []
        if o.items_column in table.names or not elements:
            found.append(parts(F.col(f"c{table.find(o.items_column)}")))
        items = F.array_distinct(F.filter(F.concat(*found), lambda item: item.isNotNull()))
        return table.frame.select(items.alias("items")), 0
    if o.basket:
        basket, item = F.col(f"c{table.find(o.basket)}"), F.col(f"c{table.find(o.item)}")
        groups = table.frame.where(basket.isNotNull()).groupBy(basket).agg(F.collect_set(item).alias("items"))
        return groups.select("items"), table.frame.where(basket.isNull()).count()
    columns = table.choose(o.columns)
    if o.table:
        cells = [F.when(F.col(f"c{i}").isNotNull(), F.concat(F.lit(table.names[i] + "="), F.col(f"c{i}"))) for i in columns]
    else:
        table.know(columns)
        cells = []
        for i in columns:
            if table.types[i] not in NUMERIC + ("boolean",):
                table._require(i, INTEGER | REAL | BOOLEAN, "number nor true or false")
                c = F.lit(None)
            else:
                c = F.lower(f"c{i}") == "true" if table.types[i] == "boolean" else table.double(i) != 0
            cells.append(F.when(c, F.lit(table.names[i])))
    return table.frame.select(F.array_distinct(F.array_compact(F.array(*cells))).alias("items")), 0


def fp_growth(spark, o):
    from pyspark.ml.fpm import FPGrowth
    check_baskets(o)
    lines = not (o.basket or o.items_column or o.one_hot or o.table)
    table = Table(spark, o, lines)
    baskets, dropped = baskets_of(table, o, lines)
    baskets, warnings = baskets.persist(StorageLevel.MEMORY_AND_DISK), []
    if dropped:
        warnings.append(f"{counted(dropped, 'row')} without a basket left out")
    items = baskets.select(F.explode("items")).distinct().count()
    if o.max_basket:
        large, most = baskets.where(F.size("items") > o.max_basket).agg(F.count("*"), F.max(F.size("items"))).head()
        if large:
            o.notes.append(f"a basket of {most} items is left out, the largest of those over --max-basket")
            warnings.append(f"{counted(large, 'basket')} of more than {counted(o.max_basket, 'item')} left out")
        baskets = baskets.where(F.size("items") <= o.max_basket)
    n, empty = baskets.agg(F.count("*"), F.sum((F.size("items") == 0).cast("long"))).head()
    least = int(o.support) if o.support.isdecimal() else max(math.ceil(share_of(o.support) * n), 1)
    singles = baskets.select(F.explode("items").alias("item")).groupBy("item").count()
    counts = {r[0]: r[1] for r in singles.where(F.col("count") >= least).collect()}
    ranked = sorted(counts, key=lambda item: (-counts[item], item.encode()))
    rank = {item: r for r, item in enumerate(ranked)}
    doc = {"task": BASKETS, "baskets": n, "empty_baskets": empty or 0, "items": items, "min_count": least}
    if not counts and n > (empty or 0):
        warnings.append(f"no item is in {least} baskets (of {n}), the minimum: a lower --support finds rarer items")
    # Half a basket less than the count, so that no rounding of the share loses a set.
    found = []
    if counts:
        kept = F.filter("items", lambda item: item.isin(ranked)) if len(ranked) < 1000 else F.col("items")
        growth = FPGrowth(itemsCol="items", minSupport=max(least - 0.5, 0.5) / n, minConfidence=1.0)
        model = (growth.setNumPartitions(o.partitions) if o.partitions else growth).fit(baskets.select(kept.alias("items")))
        sets = model.freqItemsets
        if o.count_only:
            sets = sets.groupBy(F.size("items").alias("length")).count()
            lengths = {r[0]: r[1] for r in sets.collect() if o.min_length <= r[0] <= o.max_length}
        else:
            found = [(tuple(sorted(rank[i] for i in r[0])), r[1]) for r in sets.where(F.size("items") <= o.max_length).collect()]
            found.sort(key=lambda s: s[0][::-1])
    if not o.count_only or not counts:
        lengths = {}
        for ranks, _ in found:
            if len(ranks) >= o.min_length:
                lengths[len(ranks)] = lengths.get(len(ranks), 0) + 1
    doc["frequent_itemsets"] = sum(lengths.values())
    if not o.count_only:
        shown = [{"items": [ranked[r] for r in ranks], "count": c, "support": c / n} for ranks, c in found if len(ranks) >= o.min_length]
        doc["itemsets"] = first_of(shown, "count", o) if o.sort or o.top else shown
    if o.rules and not o.count_only:
        rules = rules_of(found, ranked, n, share_of(o.confidence), o)
        doc["rules"] = first_of(rules, o.sort or "confidence", o) if o.sort or o.top else rules
    doc["lengths"] = [{"length": k, "itemsets": lengths[k]} for k in sorted(lengths)]
    return {**doc, "warnings": warnings, **({"rows_read": table.rows_read} if o.where else {})}


def first_of(rows, figure, o):
    """The largest first, what is null being infinite; then the first --top."""
    rows = sorted(rows, key=lambda r: -(math.inf if r[figure] is None else r[figure]))
    return rows[:o.top] if o.top else rows


def rules_of(found, ranked, n, least, o):
    count, rules = dict(found), []
    for ranks, c in found:
        for size in range(1, min(o.max_consequent, len(ranks) - 1) + 1):
            for consequent in itertools.combinations(ranks, size):
                antecedent = tuple(r for r in ranks if r not in consequent)
                x, y = count[antecedent], count[consequent]
                confidence, support = c / x, c / n
                lift = c * n / (x * y)
                if Fraction(c, x) < least or (o.lift is not None and lift < o.lift):
                    continue
                rules.append({"antecedent": [ranked[r] for r in antecedent], "consequent": [ranked[r] for r in consequent], "count": c,
                              "support": support, "confidence": confidence, "lift": lift, "leverage": (c * n - x * y) / (n * n),
                              "conviction": (n - y) * x / (n * (x - c)) if c < x else None})
    return rules
