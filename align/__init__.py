"""Turn Vietnamese and English articles into a parallel corpus.

The public names are loaded on first use, so that `import align` stays fast.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

from align._version import __version__

if TYPE_CHECKING:
    from align.encoders import Encoder, load_encoder
    from align.errors import AlignError
    from align.evaluation import (
        evaluate_beads,
        evaluate_mining,
        evaluate_reliability,
        evaluate_retrieval,
        evaluate_split,
    )
    from align.matching import (
        Bead,
        align_sentences,
        align_vectors,
        mine_sentences,
        mine_vectors,
    )
    from align.pipeline import build_corpus, pair_articles
    from align.sentences import Sentence, split

_HOMES = {
    "AlignError": "align.errors",
    "Bead": "align.matching",
    "Encoder": "align.encoders",
    "Sentence": "align.sentences",
    "align_sentences": "align.matching",
    "align_vectors": "align.matching",
    "build_corpus": "align.pipeline",
    "evaluate_beads": "align.evaluation",
    "evaluate_mining": "align.evaluation",
    "evaluate_reliability": "align.evaluation",
    "evaluate_retrieval": "align.evaluation",
    "evaluate_split": "align.evaluation",
    "load_encoder": "align.encoders",
    "mine_sentences": "align.matching",
    "mine_vectors": "align.matching",
    "pair_articles": "align.pipeline",
    "split": "align.sentences",
}

__all__ = [
    "AlignError",
    "Bead",
    "Encoder",
    "Sentence",
    "__version__",
    "align_sentences",
    "align_vectors",
    "build_corpus",
    "evaluate_beads",
    "evaluate_mining",
    "evaluate_reliability",
    "evaluate_retrieval",
    "evaluate_split",
    "load_encoder",
    "mine_sentences",
    "mine_vectors",
    "pair_articles",
    "split",
]


def __getattr__(name: str) -> object:
    """Import a public name from its home on first use (PEP 562)."""
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'align' has no attribute {name!r}")
    value = getattr(importlib.import_module(home), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
