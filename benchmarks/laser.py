"""Speed, memory and agreement of LASER: laser_encoders, nano-laser and ours, back to back in one run.

    python benchmarks/laser.py [FILE ...] [--laser-encoders-python PY310] [--nano-laser-python PY] [--json OUT.json]

PY310 is a Python 3.10 in which laser-encoders is installed (it cannot be imported on later ones), PY one with
nano-laser, by default the running one. What cannot be run is said and left out. FILE has one sentence a line; by
default the sentences of the example articles are taken.

Every contender has a process for itself, one thread, and does everything from text to vectors. Rounds alternate between
them and are timed in seconds of process CPU time, so that other load on the machine weighs on all; medians are
compared. The model has the size of LASER2 and random weights, made here in the file format of the real one, with the
pieces of the bundled encoder, unless --model names a folder with laser2.pt, laser2.spm and laser2.cvocab. "budget" is
the limit of tokens in a batch of laser_encoders and nano-laser; their default is one sentence.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import importlib.util
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

# Workers run in other interpreters, which have numpy and little else: all other imports are inside functions.
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

ROOT = Path(__file__).resolve().parents[1]
VOCABULARY = 50_004  # of LASER2
SPECIAL = ("<s>", "<pad>", "</s>", "<unk>")  # no cvocab lists them
INVARIANCE_SAMPLE = 100  # sentences that are encoded alone as well
WARM_UP = 8

Encode = Callable[[list[str]], "NDArray[np.float32]"]


@dataclass(frozen=True)
class Contender:
    """A name to show, the distribution it comes from, and how it is loaded from a model folder and a token budget."""

    name: str
    distribution: str
    load: Callable[[Path, int], Encode]


def load_original(module: str, budgeted: bool) -> Callable[[Path, int], Encode]:
    """Return a loader of `SentenceEncoder` of laser_encoders or nano_laser, which has the same."""

    def load(folder: Path, budget: int) -> Encode:
        import torch

        torch.set_num_threads(1)
        models: Any = importlib.import_module(f"{module}.models")
        encoder: Encode = models.SentenceEncoder(
            model_path=str(folder / "laser2.pt"),
            spm_model=str(folder / "laser2.spm"),
            cpu=True,
            max_tokens=budget if budgeted else None,
        )
        return encoder

    return load


def load_ours(precision: str) -> Callable[[Path, int], Encode]:
    """Return a loader of `LaserEncoder`."""

    def load(folder: Path, _: int) -> Encode:
        from align.encoders.laser.encoder import LaserEncoder

        return LaserEncoder(folder, precision=precision, threads=1).encode_raw

    return load


DEFAULT = "laser-encoders, default"
CONTENDERS = [
    Contender(DEFAULT, "laser-encoders", load_original("laser_encoders", budgeted=False)),
    Contender("laser-encoders, budget", "laser-encoders", load_original("laser_encoders", budgeted=True)),
    Contender("nano-laser, default", "nano-laser", load_original("nano_laser", budgeted=False)),
    Contender("nano-laser, budget", "nano-laser", load_original("nano_laser", budgeted=True)),
    Contender("align fp32", "align", load_ours("fp32")),
    Contender("align int8", "align", load_ours("int8")),
]


def main() -> None:
    """Measure, print one table, write JSON."""
    options = _options()
    if options.worker is not None:
        work(CONTENDERS[options.worker], options.model, options.files[0], options.budget)
        return
    with tempfile.TemporaryDirectory() as name:
        report = measure(options, Path(name))
    _print(report)
    if options.json:
        options.json.write_text(json.dumps(report, indent=2) + "\n", "utf-8")


def measure(options: argparse.Namespace, folder: Path) -> dict[str, Any]:
    """Run all contenders that there are and return every figure."""
    texts = _texts(options.files, options.limit)
    (folder / "texts.txt").write_text("".join(f"{text}\n" for text in texts), "utf-8")
    sizes = make_model(folder, options.model)
    report: dict[str, Any] = {"sentences": len(texts), "tokens_per_sentence": _tokens(folder, texts)}
    report |= {"weights": "random" if options.model is None else "given", "budget": options.budget}
    report |= {"machine": platform.machine(), "rounds": options.rounds, **sizes}
    with contextlib.ExitStack() as stack:
        workers = {
            number: stack.enter_context(_worker(number, python, folder, options.budget))
            for number, python in _interpreters(options).items()
        }
        cpu: dict[int, list[float]] = {number: [] for number in workers}
        for _ in range(options.rounds):
            for number, worker in workers.items():
                cpu[number].append(worker.ask("encode")["cpu_seconds"])
        vectors, rows = {}, {}
        for number, worker in workers.items():
            contender, path = CONTENDERS[number], folder / f"{number}.npy"
            rows[contender.name] = worker.facts | _speeds(cpu[number], len(texts)) | worker.ask("peak")
            worker.ask(f"save {path}")
            vectors[contender.name] = np.load(path, allow_pickle=False)
            if contender.distribution == "align":
                rows[contender.name] |= worker.ask("alone")
    baseline = rows.get(DEFAULT, {}).get("sentences_per_cpu_second")
    for row in rows.values():
        row["ratio"] = row["sentences_per_cpu_second"] / baseline if baseline else None
    return report | {"encoders": rows, "agreement": compare(vectors)}


def compare(vectors: dict[str, NDArray[np.float32]]) -> dict[str, Any]:
    """Compare our raw fp32 vectors with the original's, and int8 with fp32 at length 1."""
    exact, rounded = vectors["align fp32"], vectors["align int8"]
    found: dict[str, Any] = {
        f"max_difference_to_{name.partition(',')[0]}": float(np.abs(exact - values).max())
        for name, values in vectors.items()
        if name.endswith("default")
    }
    exact, rounded = (values / np.linalg.norm(values, axis=1, keepdims=True) for values in (exact, rounded))
    cosines = np.einsum("ij,ij->i", exact, rounded)
    among = [values @ values.T - 2 * np.eye(len(values)) for values in (exact, rounded)]
    return found | {
        "int8_min_cosine": float(cosines.min()),
        "int8_mean_cosine": float(cosines.mean()),
        # The vector of a sentence in int8 should be closest to that of the same sentence in fp32, and sentences should
        # be neighbours of the same sentences as before.
        "int8_retrieval_error": float(np.mean((rounded @ exact.T).argmax(axis=1) != np.arange(len(exact)))),
        "int8_same_neighbour": float(np.mean(among[0].argmax(axis=1) == among[1].argmax(axis=1))),
    }


def make_model(folder: Path, given: Path | None) -> dict[str, int]:
    """Put a model into `folder`, in the original form and in ours; return sizes in bytes."""
    from align.encoders.laser.checkpoint import read_checkpoint
    from align.encoders.laser.convert import PRECISIONS, convert

    names = ["laser2.pt", "laser2.spm", "laser2.cvocab"]
    if given is None:
        sys.path.insert(0, str(ROOT / "tests" / "encoders"))
        import laser_checkpoints

        words = write_tokeniser(folder)
        laser_checkpoints.write_checkpoint(folder / names[0], vocabulary=VOCABULARY, pieces=words)
    else:
        for name in names:
            (folder / name).symlink_to((given / name).resolve())
    checkpoint = read_checkpoint(folder / names[0])
    networks = {precision: folder / f"network-{precision}.onnx" for precision in PRECISIONS}
    for precision, path in networks.items():
        convert(checkpoint, path, precision)
    ours = [*names[1:], *(path.name for path in networks.values())]
    (folder / "model.toml").write_text(_manifest(folder, ours, checkpoint.dim), "utf-8")
    tokeniser = sum((folder / name).stat().st_size for name in (*names[1:], "model.toml"))
    sizes = {f"folder_bytes_{precision}": tokeniser + path.stat().st_size for precision, path in networks.items()}
    return {"checkpoint_bytes": (folder / names[0]).stat().st_size, **sizes}


def write_tokeniser(folder: Path) -> list[str]:
    """Write laser2.spm, which is the bundled encoder's, and a laser2.cvocab of its pieces; return the pieces.

    Its 40,000 pieces cut Vietnamese and English sentences into about as many tokens as the 50,000 of LASER2 do, which
    a model trained on the few sentences of a benchmark would not: speed depends on it.
    """
    import sentencepiece

    from align.encoders.manifest import find_manifest

    model = find_manifest("e5-small-vien").read("spm.model")
    (folder / "laser2.spm").write_bytes(model)
    pieces = sentencepiece.SentencePieceProcessor(model_proto=model)
    words = [piece for i in range(len(pieces)) if (piece := pieces.id_to_piece(i)) not in SPECIAL]
    (folder / "laser2.cvocab").write_text("".join(f"{word} 1\n" for word in words), "utf-8", newline="\n")
    return words


def _manifest(folder: Path, names: list[str], dim: int) -> str:
    head = {"name": "laser2", "kind": "laser", "description": "", "pooling": "max", "prefix": "", "licence": ""}
    head |= {"origin": "", "url": "", "spm": "laser2.spm", "cvocab": "laser2.cvocab"}
    lines = [*(f"{key} = {json.dumps(value)}" for key, value in head.items()), f"dim = {dim}", "max_tokens = 0"]
    for name in names:
        content = (folder / name).read_bytes()
        lines += [f'[files."{name}"]', f"size = {len(content)}", f'sha256 = "{hashlib.sha256(content).hexdigest()}"']
    return "\n".join(lines) + "\n"


class Worker:
    """A contender in a process of its own, which does what it is asked, line by line."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        """Take a process and wait until it has loaded its contender; `facts` is what it says then."""
        self._process = process
        self.facts = self._answer()

    def ask(self, question: str) -> dict[str, Any]:
        """Send a line and wait for the answer."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{question}\n")
        self._process.stdin.flush()
        return self._answer()

    def _answer(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise SystemExit("a contender ended with an error, which stands above")
        answer: dict[str, Any] = json.loads(line)
        return answer


@contextlib.contextmanager
def _worker(number: int, python: str, folder: Path, budget: int) -> Iterator[Worker]:
    command = [python, __file__, str(folder / "texts.txt"), "--worker", str(number), "--model", str(folder)]
    environment = os.environ | {"OMP_NUM_THREADS": "1", "PYTHONWARNINGS": "ignore"}
    process = subprocess.Popen(
        [*command, "--budget", str(budget)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=environment,
    )
    try:
        yield Worker(process)
    finally:
        assert process.stdin is not None
        process.stdin.close()
        process.wait()


def work(contender: Contender, folder: Path, path: Path, budget: int) -> None:
    """Be a contender: load, then answer questions on the standard input, one line of JSON each."""
    # laser_encoders logs to the standard output.
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    texts = path.read_text("utf-8").splitlines()
    started = time.perf_counter()
    encode = contender.load(folder, budget)
    facts = {"load_seconds": time.perf_counter() - started, "python": platform.python_version()}
    encode(texts[:WARM_UP])
    _say(answers, facts | {"version": _version(contender.distribution)})
    vectors = np.empty(0, np.float32)
    for question in sys.stdin:
        verb, _, rest = question.strip().partition(" ")
        started = time.process_time()
        if verb == "encode":
            vectors = encode(texts)
            _say(answers, {"cpu_seconds": time.process_time() - started})
        elif verb == "peak":
            _say(answers, {"peak_rss_mb": _peak_megabytes()})
        elif verb == "save":
            np.save(rest, vectors, allow_pickle=False)
            _say(answers, {})
        elif verb == "alone":
            alone = np.concatenate([encode([text]) for text in texts[:INVARIANCE_SAMPLE]])
            _say(answers, {"bit_identical_alone": float(np.mean((alone == vectors[: len(alone)]).all(axis=1)))})


def _say(answers: IO[str], answer: dict[str, Any]) -> None:
    answers.write(json.dumps(answer) + "\n")
    answers.flush()


def _version(distribution: str) -> str:
    from importlib import metadata

    parts = ["onnxruntime"] if distribution == "align" else [distribution, "torch"]
    return ", ".join(f"{part} {metadata.version(part)}" for part in parts)


def _peak_megabytes() -> float:
    """Return the peak memory of this process; that of getrusage would begin with its parent's."""
    status = Path("/proc/self/status")
    if status.exists():
        fields = dict(line.split(":", 1) for line in status.read_text().splitlines())
        return int(fields["VmHWM"].split()[0]) / 1024
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024**2 if sys.platform == "darwin" else 1024)


def _interpreters(options: argparse.Namespace) -> dict[int, str]:
    """Return the Python of every contender that can run, by number; say which cannot."""
    pythons = {"align": sys.executable, "laser-encoders": options.laser_encoders_python}
    pythons["nano-laser"] = options.nano_laser_python
    if pythons["nano-laser"] is None and importlib.util.find_spec("nano_laser"):
        pythons["nano-laser"] = sys.executable
    for distribution, python in pythons.items():
        if python is None:
            print(f"{distribution} left out: name a Python that has it with --{distribution}-python", file=sys.stderr)
    found = {number: pythons[contender.distribution] for number, contender in enumerate(CONTENDERS)}
    return {number: python for number, python in found.items() if python is not None}


def _speeds(seconds: list[float], count: int) -> dict[str, float]:
    median = count / statistics.median(seconds)
    speeds = [count / s for s in seconds]
    return {"sentences_per_cpu_second": median, "slowest_round": min(speeds), "fastest_round": max(speeds)}


def _texts(files: list[Path], limit: int) -> list[str]:
    """Return different sentences, evenly taken from all if there are more than `limit`."""
    import align

    if files:
        lines = [line.strip() for path in files for line in path.read_text("utf-8").splitlines()]
    else:
        paths = sorted((ROOT / "examples").glob("*/*.txt"))  # examples/vi, examples/en
        lines = [each.text for path in paths for each in align.split(path.read_text("utf-8"), path.parent.name)]
    texts = list(dict.fromkeys(" ".join(line.split()) for line in lines if line.strip()))
    step = max(1, len(texts) / limit)
    return [texts[int(i * step)] for i in range(min(limit, len(texts)))]


def _tokens(folder: Path, texts: list[str]) -> float:
    from align.encoders.laser.tokeniser import LaserTokeniser

    tokeniser = LaserTokeniser((folder / "laser2.spm").read_bytes(), (folder / "laser2.cvocab").read_bytes())
    return statistics.mean(len(row) for row in tokeniser.encode(texts))


def _print(report: dict[str, Any]) -> None:
    from rich.console import Console
    from rich.table import Table

    title = f"{report['sentences']} sentences of {report['tokens_per_sentence']:.1f} tokens, one thread"
    table = Table(title=f"{title}, {report['weights']} weights, {report['machine']}")
    for heading in ("encoder", "sentences / CPU s", "slowest to fastest round", "ratio", "load s", "peak RSS MB"):
        table.add_column(heading, justify="left" if heading == "encoder" else "right", no_wrap=True)
    for name, row in report["encoders"].items():
        spread = f"{row['slowest_round']:.1f} to {row['fastest_round']:.1f}"
        ratio = "-" if row["ratio"] is None else f"{row['ratio']:.2f}"
        speed, load, peak = row["sentences_per_cpu_second"], row["load_seconds"], row["peak_rss_mb"]
        table.add_row(name, f"{speed:.1f}", spread, ratio, f"{load:.2f}", f"{peak:.0f}")
    agreement = report["agreement"]
    differences = [f"{k.rpartition('_to_')[2]} {v:.1e}" for k, v in agreement.items() if k.startswith("max_difference")]
    rows = report["encoders"]
    table.caption = (
        f"largest difference of fp32 to: {', '.join(differences) or 'nothing, no original was run'}\n"
        f"int8 against fp32: cosine {agreement['int8_min_cosine']:.5f} at least, {agreement['int8_mean_cosine']:.5f} "
        f"on average; retrieval error {agreement['int8_retrieval_error']:.1%}, same nearest neighbour "
        f"{agreement['int8_same_neighbour']:.1%}\n"
        f"alone as in a batch, to the last bit: fp32 {rows['align fp32']['bit_identical_alone']:.1%}, "
        f"int8 {rows['align int8']['bit_identical_alone']:.1%}\n"
        f"model folder: int8 {report['folder_bytes_int8'] / 1e6:.1f} MB, fp32 {report['folder_bytes_fp32'] / 1e6:.1f} "
        f"MB; checkpoint {report['checkpoint_bytes'] / 1e6:.1f} MB"
    )
    Console(width=120).print(table)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", metavar="FILE", type=Path, nargs="*", help="one sentence a line")
    parser.add_argument("--laser-encoders-python", metavar="PY310", help="Python 3.10 that has laser-encoders")
    parser.add_argument("--nano-laser-python", metavar="PY", help="Python that has nano-laser (default: this one)")
    parser.add_argument("--model", type=Path, metavar="DIR", help="folder with the real laser2.pt, .spm and .cvocab")
    parser.add_argument("--budget", type=int, default=2048, help="tokens in a batch of the originals (default: 2048)")
    parser.add_argument("--limit", type=int, default=400, help="sentences at most (default: 400)")
    parser.add_argument("--rounds", type=int, default=5, help="rounds of each contender (default: 5)")
    parser.add_argument("--json", type=Path, metavar="OUT.json", help="write all figures there")
    parser.add_argument("--worker", type=int, help=argparse.SUPPRESS)
    return parser.parse_args()


if __name__ == "__main__":
    main()
