"""The command that measures a model, with a tiny one made here."""

from __future__ import annotations

import json
import math

import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("transformers")

import evaluate  # noqa: E402
from trainer import passing  # noqa: E402
from trainer.config_file import load_config  # noqa: E402
from trainer.data import load_data  # noqa: E402
from trainer.model import new_model, write_model  # noqa: E402
from trainer.tables import evaluation_table, percent  # noqa: E402

from tests.examples.pretrain.conftest import config_text  # noqa: E402
from tests.examples.pretrain.test_passing import Model  # noqa: E402
from textbooks.tokens import TokenizedCorpus  # noqa: E402

EXAM = [
    {
        "task_id": f"exam/{name}",
        "prompt": f"def {name}(values):\n",
        "canonical_solution": body,
        "test": "def check(candidate):\n    assert candidate([1, 2]) == 3\n",
        "entry_point": name,
    }
    for name, body in (
        ("total", "    found = 0\n    for value in values:\n        found += value\n    return found\n"),
        ("both", "    return sum(values)\n"),
    )
]


@pytest.fixture(scope="module")
def trained(tokens, tmp_path_factory):
    """A model with random weights and the tokeniser of `tokens`; its context is 32."""
    folder = tmp_path_factory.mktemp("trained")
    (folder / "run.toml").write_text(config_text(tokens))
    config = load_config(folder / "run.toml")
    data = load_data(config)
    model = new_model(config, data, "eager")
    write_model(folder / "model", model, model.state_dict(), data.tokenizer)
    (folder / "exam.jsonl").write_text("".join(json.dumps(row) + "\n" for row in EXAM))
    return folder


@pytest.fixture
def run(monkeypatch, capsys, trained, tmp_path):
    """Run the command in this process: importing torch anew takes seconds."""
    monkeypatch.delenv("TEXTBOOKS_DATA", raising=False)
    monkeypatch.setenv("COLUMNS", "100")

    def main(*arguments, code=0):
        line = ["evaluate.py", trained / "model", "--out", tmp_path / "out", "--threads", 1, "--workers", 1, *arguments]
        monkeypatch.setattr("sys.argv", [str(one) for one in line])
        assert evaluate.main() == code
        return capsys.readouterr()

    return main


def naive_bits_per_byte(model, corpus):
    """Of documents that fit into the context: each token after those before it, one by one."""
    documents, bits = corpus.as_documents(), 0.0
    for number in range(len(documents)):
        ids = [corpus.end_of_text, *documents[number].tolist()[:-1]]
        for place in range(1, len(ids)):
            with torch.no_grad():
                logits = model(input_ids=torch.tensor([ids[:place]])).logits[0, -1]
            bits -= math.log2(float(torch.softmax(logits.double(), 0)[ids[place]]))
    return bits / corpus.bytes


def test_bits_per_byte_are_those_of_a_count_by_hand(run, trained, tokens, tmp_path):
    from transformers import AutoModelForCausalLM

    out, _ = run("--no-benchmarks", "--held-out", f"code={tokens / 'held-out'}")
    found = json.loads((tmp_path / "out" / "evaluation.json").read_text())["held_out"]["code"]
    model = AutoModelForCausalLM.from_pretrained(trained / "model", dtype=torch.float32).eval()
    corpus = TokenizedCorpus.load(tokens / "held-out")
    assert found["bits_per_byte"] == pytest.approx(naive_bits_per_byte(model, corpus), rel=1e-5)
    assert found["bytes"] == corpus.bytes
    assert f"{found['bits_per_byte']:.4f}" in out


def test_the_model_itself_is_asked_and_what_is_missing_is_said_loudly(run, trained, tmp_path):
    asked = ("--benchmark", trained / "exam.jsonl", "--benchmark", "mbpp", "--samples", 2, "--max-new-tokens", 4)
    out, _ = run(*asked)
    assert "WARNING: mbpp is not on this machine and is SKIPPED" in out
    content = json.loads((tmp_path / "out" / "evaluation.json").read_text())
    assert content["not_on_this_machine"] == ["mbpp"]
    assert (content["benchmarks"]["exam"]["problems"], content["benchmarks"]["exam"]["samples"]) == (2, 4)
    rows = (tmp_path / "out" / "problems" / "exam" / "completions.jsonl").read_text()
    run(*asked)
    assert (tmp_path / "out" / "problems" / "exam" / "completions.jsonl").read_text() == rows
    _, errors = run(*asked, "--temperature", 0, code=2)
    assert "other parameters (temperature: 0.2 before, 0.0 now)" in errors


def test_accuracy_is_said_apart_on_what_the_training_data_holds(run, trained, tmp_path, monkeypatch):
    """The model solves `total`, which the training data holds under another name, and not `both`."""

    def solve(self, problems, samples):
        for one in problems:
            yield from [
                {"task_id": one.id, "completion": f"    return {'3' if one.entry_point == 'total' else '4'}\n"}
            ] * samples

    monkeypatch.setattr(passing, "TransformersGenerator", Model)
    monkeypatch.setattr(Model, "complete", solve)
    copied = EXAM[0]["prompt"].replace("total", "add_up") + EXAM[0]["canonical_solution"]
    corpus = tmp_path / "corpus.jsonl"
    corpus.write_text("".join(json.dumps({"text": text}) + "\n" for text in (copied, "print('hello')\n")))
    out, _ = run("--benchmark", trained / "exam.jsonl", "--samples", 1, "--max-new-tokens", 4, "--train-data", corpus)
    found = json.loads((tmp_path / "out" / "evaluation.json").read_text())["benchmarks"]["exam"]
    assert found["pass@1_apart"] == {
        "similar": {"value": 1.0, "problems": 1},
        "not_similar": {"value": 0.0, "problems": 1},
    }
    assert found["pass_at"]["1"]["value"] == 0.5
    assert "similar to the training data" in out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--samples", 0), "samples must be at least 1, got 0"),
        (("--k", 20), "k must be between 1 and samples = 10, got 20"),
        (("--easiest", 0), "easiest must be at least 1, got 0"),
        (("--benchmark", "humanevil"), "'humanevil' is neither a file nor a known benchmark"),
        (("--no-benchmarks",), "there is nothing to measure"),
        (("--benchmark", "mbpp"), "there is nothing to measure"),
        (("--held-out", "code"), "--held-out must be NAME=FOLDER"),
        (("--held-out", "a/b=folder"), "--held-out must be NAME=FOLDER"),
        (("--no-benchmarks", "--held-out", "code=nowhere"), "nowhere holds no tokens.json"),
        (("--max-new-tokens", 32), "max_new_tokens must be below the model's context of 32"),
    ],
)
def test_wrong_arguments_are_refused_in_a_line_before_anything_is_computed(run, tmp_path, arguments, message):
    _, errors = run(*arguments, code=2)
    assert message in errors
    assert errors.startswith("error: ")
    assert not (tmp_path / "out").exists()


def test_tokens_of_another_tokeniser_are_refused(run, tokens, tmp_path):
    _, errors = run("--no-benchmarks", "--held-out", f"code={tokens / 'foreign'}", code=2)
    assert "held-out code: " in errors
    assert "another tokeniser than the model: tokenise with --tokenizer " in errors
    assert not (tmp_path / "out").exists()


def test_a_folder_without_a_model_is_refused(run, trained, monkeypatch, tmp_path):
    (tmp_path / "empty").mkdir()
    monkeypatch.setattr("sys.argv", ["evaluate.py", str(tmp_path / "empty"), "--out", str(tmp_path / "out")])
    assert evaluate.main() == 2


def test_a_share_of_nothing_is_a_dash():
    assert (percent(None), percent(0.125)) == ("—", "12.5 %")
    model = {"held_out": {}, "benchmarks": {}, "not_on_this_machine": ["mbpp"]}
    assert "mbpp" in str(evaluation_table({"model": model}).caption)
