"""Compares the documents that Spark prints with those of the programs."""

TOLERANCE = 1e-6
PROBABILITIES = ("p", "f_p", "llr_p")


def far(got, wanted, path="", free=()):
    """Where two documents differ."""
    if isinstance(wanted, dict) and isinstance(got, dict):
        if list(got) != list(wanted):
            return [f"{path}: members {list(got)}, not {list(wanted)}"]
        return [p for k in wanted if k not in free for p in far(got[k], wanted[k], f"{path}.{k}")]
    if isinstance(wanted, list) and isinstance(got, list):
        if len(got) != len(wanted):
            return [f"{path}: {len(got)} elements, not {len(wanted)}"]
        return [p for i, (g, v) in enumerate(zip(got, wanted)) for p in far(g, v, f"{path}[{i}]")]
    if (".model[" in path or path.endswith(".model_sigma")) and isinstance(wanted, str) and isinstance(got, str) and not path.endswith(".name"):
        got, wanted = float(got), float(wanted)
    if any(not isinstance(v, (int, float)) or isinstance(v, bool) for v in (got, wanted)):
        return [] if got == wanted and type(got) is type(wanted) else [f"{path}: {got!r}, not {wanted!r}"]
    # What should be 0 may be a sum's last digits, or an elimination's; small probabilities are figures like others.
    least = 0.0 if path.rpartition(".")[2] in PROBABILITIES else 1e-7 if ".leverage_root[" in path else 1e-9
    return [] if abs(got - wanted) <= TOLERANCE * max(abs(wanted), least) else [f"{path}: {got!r}, not {wanted!r}"]
