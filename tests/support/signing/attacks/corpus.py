"""All attacks on signed documents, by family."""

from tests.support.signing.attacks import (
    algorithms,
    documents,
    keys,
    references,
    transforms,
    values,
    wrapping,
)

CORPUS = {
    f"{family}: {name}": attack
    for family, attacks in {
        "wrapping": wrapping.ATTACKS,
        "references": references.ATTACKS,
        "transforms": transforms.ATTACKS,
        "algorithms": algorithms.ATTACKS,
        "keys": keys.ATTACKS,
        "values": values.ATTACKS,
        "documents": documents.ATTACKS,
    }.items()
    for name, attack in attacks.items()
}
