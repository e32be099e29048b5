"""Writes chance.toml: what the peers' hashes and the thresholds decide of some trace ids.

An oracle of its own: integers, fractions and hashlib, nothing of the crate.
"""

import hashlib
from fractions import Fraction

IDS = [hashlib.sha256(bytes([n])).hexdigest()[:32] for n in range(12)]


def fnv(salt, trace):
    value = 0xCBF29CE484222325
    for byte in (salt or "default-hash-seed").encode() + bytes.fromhex(trace):
        value = (value ^ byte) * 0x100000001B3 % 2**64
    return value


def bound(percentage):
    """The greatest 64-bit number times the ratio, with 64 bits of precision."""
    exact = Fraction(percentage / 100.0) * (2**64 - 1)
    if exact >= 2**64 - 1:
        return 2**64 - 1
    scale = 0
    while exact * 2**scale < 2**63 and exact:
        scale += 1
    return round(exact * 2**scale) // 2**scale


def refinery(trace, rate):
    digest = hashlib.sha1((trace + "5VQ8l2jE5aJLPVqk").encode()).digest()
    return rate <= 1 or int.from_bytes(digest[:4], "big") <= (2**32 - 1) // rate


def threshold(share):
    """Five hexadecimal digits after leading f's."""
    exact = 2**56 - round(share * 2**56)
    digits = f"{exact:014x}"
    places = len(digits) - len(digits.lstrip("f")) + 5
    unit = 16 ** (14 - places) if places < 14 else 1
    near = (exact + unit // 2) // unit * unit
    return near if near < 2**56 else exact


def th(value):
    return f"{value:014x}".rstrip("0") or "0"


def group(name, form, source, plan, cases):
    print(f'[[group]]\nname = "{name}"\nformat = "{form}"\nsource = "{source}"')
    print(f"plan = '''\n{plan}'''\ncases = [")
    for case in cases:
        print("  {" + ", ".join(f"{key} = {value}" for key, value in case.items()) + "},")
    print("]\n")


def row(trace, keep, **more):
    words = {"id": f'"{trace}"', "spans": "[{}]", "keep": str(keep).lower()}
    return words | more


print("# Made by chance.py: an implementation of its own of what the peers document.\n")
for percentage, salt in [(10, ""), (50, ""), (25, "collector-2"), (0.1, ""), (99.9, "")]:
    plan = (
        "policies:\n  - name: p\n    type: probabilistic\n"
        f"    probabilistic: {{sampling_percentage: {percentage}, hash_salt: '{salt}'}}\n"
    )
    group(
        f"probabilistic-{percentage}",
        "contrib",
        "README, probabilistic: sample a percentage of traces; hash_salt: hashing salts; FNV-1a",
        plan,
        [
            row(i, fnv(salt, i) <= bound(percentage), th='""', count=100 / percentage if fnv(salt, i) <= bound(percentage) else 0)
            for i in IDS[:8]
        ],
    )
for percentage, keep in [(0, False), (100, True), (250, True)]:
    plan = (
        "policies:\n  - name: p\n    type: probabilistic\n"
        f"    probabilistic: {{sampling_percentage: {percentage}}}\n"
    )
    group(
        f"probabilistic-{percentage}",
        "contrib",
        "config.go, SamplingPercentage: zero is no sample, values from 100 sample all traces",
        plan,
        [row(i, keep) for i in IDS[:2]],
    )
for rate in [1, 2, 5, 100]:
    plan = f"RulesVersion: 2\nSamplers:\n  __default__:\n    DeterministicSampler:\n      SampleRate: {rate}\n"
    group(
        f"deterministic-{rate}",
        "refinery",
        "rules.md, DeterministicSampler: one trace of N is kept, calculated from the trace id",
        plan,
        [row(i, refinery(i, rate), count=rate if refinery(i, rate) else 0) for i in IDS[:8]],
    )
for share in [0.5, 0.25, 0.1, 0.01]:
    value = threshold(share)
    plan = (
        f'[[policies]]\nname = "p"\ntype = "probabilistic"\n'
        f'probabilistic = {{sampling_percentage = {share * 100}, mode = "consistent"}}\n'
    )
    keeps = lambda i: int(i[-14:], 16) >= value
    group(
        f"consistent-{share}",
        "native",
        "TraceState: Probability Sampling, decision algorithm: keep where rv >= th",
        plan,
        [
            row(i, keeps(i), th=f'"{th(value) if keeps(i) else ""}"', count=1 / share if keeps(i) else 0)
            for i in IDS[:8]
        ],
    )
for rate in [4, 10]:
    value = threshold(1 / rate)
    plan = (
        "RulesVersion: 2\nSamplers:\n  __default__:\n    RulesBasedSampler:\n      Rules:\n"
        f"        - Name: all\n          SampleRate: {rate}\n"
    )
    group(
        f"rule-rate-{rate}",
        "refinery",
        "rules.md, Rules, SampleRate: the rate of a rule that matches; chance by the trace id here",
        plan,
        [row(i, int(i[-14:], 16) >= value, code='"rule_kept"' if int(i[-14:], 16) >= value else '"rule_not_sampled"') for i in IDS[:6]],
    )
