# What the models share: tails of distributions, random numbers, rows as blocks of arrays.
import decimal
import itertools
import math
from fractions import Fraction

import numpy as np
from pyspark import StorageLevel
from pyspark.sql import functions as F

def decimal_text(x):
    """A double as it is printed, or a fraction with 60 digits, as a text that no reader rounds."""
    if not isinstance(x, Fraction):
        return repr(float(x))
    with decimal.localcontext(prec=60):
        return format((decimal.Decimal(x.numerator) / x.denominator).normalize(), "e")


def shifted_back(constant, slopes, centres):
    """constant - Σ slope centre, exactly: the constant for columns that were not shifted to their centres."""
    return Fraction(float(constant)) - sum(Fraction(repr(float(b))) * Fraction(float(c)) for b, c in zip(slopes, centres))


# Tails of distributions, by continued fractions (W. J. Lentz; Numerical Recipes, chapter 6).
def fraction(terms, first):
    """first + a1/(b1 + a2/(b2 + …)), terms giving (a, b)."""
    tiny, f = 1e-300, first or 1e-300
    c, d = f, 0.0
    for a, b in terms:
        d = b + a * d or tiny
        c = b + a / c or tiny
        d = 1 / d
        f *= c * d
        if abs(c * d - 1) < 1e-16:
            break
    return f


def incomplete_beta(a, b, x):
    """I_x(a, b)."""
    if x <= 0 or x >= 1:
        return float(x >= 1)
    if x > (a + 1) / (a + b + 2):
        return 1 - incomplete_beta(b, a, 1 - x)

    def terms():
        for m in range(100000):
            yield (1.0 if m == 0 else m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))), 1.0
            yield -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)), 1.0
    scale = math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x)
    return math.exp(scale) * (fraction(itertools.islice(terms(), 1, None), 1.0) ** -1) / a


def t_tails(t, df):
    """The probability of a value farther from 0, under Student's t."""
    return incomplete_beta(df / 2, 0.5, df / (df + t * t))


def f_tail(f, k, df):
    return incomplete_beta(df / 2, k / 2, df / (df + k * f))


def normal_tails(z):
    return math.erfc(abs(z) / math.sqrt(2))


def chi_square_tail(x, df):
    a, x = df / 2, x / 2
    if x <= 0:
        return 1.0
    scale = math.exp(a * math.log(x) - x - math.lgamma(a))
    if x < a + 1:
        term = total = 1 / a
        n = a
        while term > total * 1e-17:
            n += 1
            term *= x / n
            total += term
        return 1 - total * scale
    return scale / fraction(((-i * (i - a), x + 2 * i + 1 - a) for i in range(1, 100000)), x + 1 - a)


def quantile_of(tails, level):
    """q with tails(q) = 1 - level, by bisection."""
    low, high = 0.0, 1.0
    while tails(high) > 1 - level:
        low, high = high, high * 2
    for _ in range(200):
        middle = (low + high) / 2
        if middle in (low, high):
            break
        low, high = (middle, high) if tails(middle) > 1 - level else (low, middle)
    return (low + high) / 2


# Random numbers, sdp's own: 52 bits of a function of (seed, record, draw) as a double in (0, 1).
def mixed(x):
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xbf58476d1ce4e5b9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94d049bb133111eb)
    return x ^ (x >> np.uint64(31))


def random_bits(seed, record, draw):
    with np.errstate(over="ignore"):
        x = mixed(np.uint64(seed % 2**64) + np.uint64(0x9e3779b97f4a7c15))
        x = mixed((x ^ np.asarray(record).astype(np.uint64)) + np.uint64(0x3c6ef372fe94f82b))
        return mixed((x ^ np.asarray(draw).astype(np.uint64)) + np.uint64(0xdaa66d2c7ddf743f))


def random_unit(seed, record, draw):
    return ((random_bits(seed, record, draw) >> np.uint64(12)).astype(np.float64) + 0.5) * 2.0**-52


def random_unit_column(seed, table, draw):
    """The same of a column: the rows of a table, by the numbers of their files, of which the first is 0, and their records; integers of Spark wrap around."""
    def signed(x):
        return (int(x) + 2**63) % 2**64 - 2**63

    def literal_of(x):
        return F.lit(signed(x)).cast("long")

    def mix(x):
        x = x.bitwiseXOR(F.shiftrightunsigned(x, 30)) * literal_of(0xbf58476d1ce4e5b9)
        x = x.bitwiseXOR(F.shiftrightunsigned(x, 27)) * literal_of(0x94d049bb133111eb)
        return x.bitwiseXOR(F.shiftrightunsigned(x, 31))

    def unit(begun):
        x = mix(mix(begun + literal_of(0x3c6ef372fe94f82b)).bitwiseXOR(literal_of(draw)) + literal_of(0xdaa66d2c7ddf743f))
        return (F.shiftrightunsigned(x, 12).cast("double") + 0.5) * 2.0**-52
    with np.errstate(over="ignore"):
        seeds = [int(random_bits(seed, file, 2**64 - 1)) if file else seed for file in range(len(table.starts))]
        begins = [signed(mixed(np.uint64(one % 2**64) + np.uint64(0x9e3779b97f4a7c15))) for one in seeds]
    if len(begins) == 1:
        return unit(F.col("_record").bitwiseXOR(literal_of(begins[0])))
    begun = F.col("_record").bitwiseXOR(F.element_at(F.array(*map(literal_of, begins)), table.file_number() + 1))
    # A variable of a function, as unit has its argument many times.
    return F.element_at(F.transform(F.array(begun), unit), 1)


# Rows as blocks of numpy, each with the place of its first row; sums over them go together in the order of the blocks.
BLOCK = 65536


def blocks_of(frame, columns):
    """(key, array) for every BLOCK rows or fewer of a frame with _split and _record; keys are in the order of the rows."""
    def cut(rows):
        key, part = None, []
        for split, record, *x in rows:
            if part and (split != key[0] or len(part) == BLOCK):
                yield key, np.array(part, dtype=np.float64)
                part = []
            if not part:
                key = (split, record)
            part.append(x)
        if part:
            yield key, np.array(part, dtype=np.float64)
    return frame.select("_split", "_record", *columns).rdd.mapPartitions(cut).persist(StorageLevel.MEMORY_AND_DISK)


def over(blocks, function):
    """What a function says of every block, in the order of the blocks."""
    return [r for _, r in sorted(blocks.map(lambda b: (b[0], function(*b))).collect(), key=lambda r: r[0])]


def total(parts):
    return sum(parts[1:], parts[0])
